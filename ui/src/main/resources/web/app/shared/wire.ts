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
  caches: { name: string; hot: number; warm: number; cold: number; stale: number }[];
}

export interface Facets {
  categories: { id: string; name: string; count: number }[];
  prices: { minCents: number; maxCents: number | null; count: number }[];
  ratings: { atLeast: number; count: number }[];
  inStock: number;
  soldOut: number;
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

export interface LaboratoryPattern {
  id: string;
  name: string;
  about: string;
  /** How stale it may get, in a sentence. */
  bound: string;
  /** Whether it goes on answering what it knows while that is down. */
  keepsOn: { database: boolean; store: boolean };
}

export interface LaboratoryWorkload {
  keys: number;
  /** Exponent of the zipf distribution, 0 to 2. */
  skew: number;
  readsPerSecond: number;
  writesPerSecond: number;
  /** 0 to 1: the part of the writes nobody tells the cache of. */
  behindShare: number;
  /** 0 to 0.5: the part of the reads that ask for what does not exist. */
  unknownShare: number;
  ttlMillis: number;
  valueBytes: number;
  seconds: number;
  /** Per lane. */
  instances: number;
  /** The same seed makes the same operations. */
  seed: number;
}

export interface NewLaboratoryRun {
  workload: LaboratoryWorkload;
  /** A TTL of its own, else the workload's. */
  lanes: { pattern: string; ttlMillis?: number }[];
}

export interface LaboratoryAbout {
  patterns: LaboratoryPattern[];
  /** By field of the workload. */
  limits: Record<string, { min: number; max: number }>;
  preset: NewLaboratoryRun;
  /** False for what cannot be made slow or down here. */
  switches: { database: boolean; store: boolean };
}

export interface Lane {
  id: string;
  pattern: string;
  name: string;
  ttlMillis: number;
  bound: string;
  boundMillis: number | null;
}

export interface Condition {
  state: 'ok' | 'slow' | 'down';
  /** Added to each answer when slow. */
  millis: number;
}

export interface Switches {
  database: Condition;
  store: Condition;
  writer: { on: boolean; perSecond: number };
}

export interface LaneFigures {
  lane: string;
  reads: number;
  writes: number;
  behind: number;
  /** Operations not sent in time, because too many were under way. */
  missed: number;
  hits: { hot: number; store: number; stale: number; database: number; negative: number };
  hitRatio: number | null;
  errors: Record<string, number>;
  databaseQueries: number;
  queriesPerSecond: number;
  latency: { p50Micros: number; p99Micros: number; maxMicros: number };
  /** Age of what was served against the committed truth. */
  staleness: { staleReads: number; staleShare: number; p99Millis: number; maxMillis: number };
  /** Most loads of one key at a time. */
  width: number;
}

export interface RunSecond {
  second: number;
  at: string;
  lanes: LaneFigures[];
  switches: Switches;
}

export interface Stampede {
  second: number;
  key: string;
  readers: number;
  lanes: { lane: string; databaseQueries: number; width: number; hits: number; joined: number; errors: number; p50Micros: number; slowestMicros: number }[];
}

export interface LaboratoryRun {
  id: string;
  state: 'preparing' | 'running' | 'stampede' | 'cleaning' | 'done' | 'stopped' | 'failed';
  by: Person;
  startedAt: string;
  endsAt: string | null;
  second: number;
  workload: LaboratoryWorkload;
  lanes: Lane[];
  switches: Switches;
  totals: LaneFigures[];
  /** The last few, newest last. */
  stampedes: Stampede[];
  failure: string | null;
}

export interface LaboratoryAdvice {
  toleratedStalenessMillis: number;
  lane: string | null;
  pattern: string | null;
  summary: string;
  reasons: string[];
  lanes: { lane: string; fits: boolean; reason: string }[];
  changes: string[];
}
