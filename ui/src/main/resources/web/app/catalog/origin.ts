import type { Answer } from '../shared/api';

/** Where one answer came from, as its headers tell. */
export interface Origin {
  hit: boolean;
  /** Who answered: this service's own memory, the shared store, or PostgreSQL. */
  tier: 'hot' | 'warm' | 'cold';
  /** Past its time to live: served while it is loaded anew, or because PostgreSQL is away. */
  stale: boolean;
  /** Whether the store has a copy now. */
  kept: boolean;
  /** Seconds the copy had lived when it was sent; 0 for a fresh one. */
  age: number;
  /** Seconds it had left, null when the service did not say. */
  ttl: number | null;
  millis: number;
  /** The header itself. */
  told: string;
  at: number;
}

/** Reads RFC 9211 `Cache-Status: larder-store; hit; ttl=28; detail=warm` and `Age`. */
export function originOf(answer: Answer<unknown>): Origin {
  const told = answer.headers.get('Cache-Status') ?? '';
  const parts = told.split(';').map((part) => part.trim());
  const ttl = parts.find((part) => part.startsWith('ttl='));
  const detail = parts.find((part) => part.startsWith('detail='))?.slice('detail='.length) ?? '';
  return {
    tier: detail.startsWith('hot') ? 'hot' : parts.includes('hit') ? 'warm' : 'cold',
    stale: detail.includes('-stale'),
    hit: parts.includes('hit'),
    kept: parts.includes('hit') || parts.includes('stored'),
    age: Number(answer.headers.get('Age') ?? 0) || 0,
    ttl: ttl === undefined ? null : Number(ttl.slice('ttl='.length)),
    millis: answer.millis,
    told,
    at: Date.now(),
  };
}
