/**
 * What the services say, as the page reads it: the shapes of their OpenAPI documents (`/services/<name>/q/openapi`),
 * reduced to what is shown. Times are ISO-8601 UTC.
 */
export interface Items<T> {
  items: T[];
}

export interface Person {
  id: string;
  displayName: string;
}

export interface SessionBody {
  signedIn: boolean;
  person?: Person;
  createdAt?: string;
  lastSeenAt?: string;
  expiresAt?: string;
  ttlSeconds?: number;
  attributes?: Record<string, string>;
}

export interface Component {
  name: string;
  kind: 'service' | 'store' | 'database' | 'ui';
  address: string;
  up: boolean;
  latencyMillis: number | null;
  since: string | null;
  detail: string | null;
}

export interface StoreFigures {
  version: string | null;
  mode: string | null;
  opsPerSecond: number;
  hitRatio: number | null;
  keys: number;
  usedMemoryBytes: number;
  connectedClients: number;
  uptimeSeconds: number;
}

export interface SuiteStatus {
  components: Component[];
  store: StoreFigures | null;
}

export interface Category {
  id: string;
  name: string;
  products: number;
}

export interface Product {
  id: string | number;
  sku: string;
  name: string;
  /** Id of its category. */
  category: string;
  priceCents: number;
  currency: string;
  stock: number;
  rating: number | null;
  reviewCount: number;
}

export interface Review {
  author: string;
  stars: number;
  text: string;
  at: string;
}

export interface ProductDetail extends Product {
  description: string;
  version: number;
  updatedAt: string;
  reviews: Review[];
}

export interface CacheStats {
  hits: number;
  misses: number;
  writes: number;
  hitRatio: number | null;
  databaseReads: number;
  /** Null while the store is away. */
  entries: number | null;
  ttlSeconds: number;
}

export interface Board {
  id: string;
  name: string;
  order: 'asc' | 'desc';
  policy: 'best' | 'sum' | 'last';
  players: number;
}

export interface Standing {
  rank: number;
  playerId: string;
  name: string;
  score: number;
}

export interface Submitted extends Standing {
  previousRank: number | null;
  previousScore: number | null;
  improved: boolean;
  players: number;
}

export interface Room {
  id: string;
  name: string;
  members: number;
  lastMessageAt: string | null;
}

export interface ChatMessage {
  id: number | string;
  author: Person;
  text: string;
  at: string;
  clientId?: string;
}

export interface Place {
  id: string;
  name: string;
  kind: string | null;
  longitude: number;
  latitude: number;
  distanceMeters?: number;
  properties?: Record<string, string>;
}

export type JobState = 'waiting' | 'delayed' | 'active' | 'completed' | 'failed';

export interface Counts {
  waiting: number;
  delayed: number;
  active: number;
  completed: number;
  failed: number;
}

export interface QueueInfo {
  name: string;
  counts: Counts;
  processedPerSecond?: number;
}

export interface Job {
  id: string | number;
  type: string;
  payload: Record<string, unknown>;
  state: JobState;
  attempt: number;
  maxAttempts: number;
  enqueuedAt: string;
  dueAt: string | null;
  finishedAt: string | null;
  result: unknown;
  lastError: string | null;
  worker: string | null;
}
