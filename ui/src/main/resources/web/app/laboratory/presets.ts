import type { LaboratoryWorkload } from '../shared/wire';

export interface Preset {
  name: string;
  about: string;
  workload: LaboratoryWorkload;
  /** The patterns worth comparing on it; those this laboratory does not have are left out. */
  patterns: string[];
}

const ordinary = { valueBytes: 512, unknownShare: 0, behindShare: 0, instances: 2, seconds: 40, seed: 1 };

/** Workloads people know from somewhere, to start from; small enough for all lanes on two cores. */
export const presets: Preset[] = [
  {
    name: 'A product page',
    about: 'Many readers, a few favourites, now and then a new price; a fifth of the prices is written by another application.',
    workload: { ...ordinary, keys: 500, skew: 1, readsPerSecond: 150, writesPerSecond: 5, behindShare: 0.2, unknownShare: 0.02, ttlMillis: 4_000, valueBytes: 1_024 },
    patterns: ['none', 'ttl', 'invalidate', 'write-through', 'hot', 'change-capture'],
  },
  {
    name: 'A flash sale',
    about: 'Everybody wants the same few things at once, and their stock changes all the time.',
    workload: { ...ordinary, keys: 50, skew: 1.4, readsPerSecond: 300, writesPerSecond: 10, ttlMillis: 2_000, instances: 3, seconds: 30 },
    patterns: ['ttl', 'invalidate', 'write-through', 'early-refresh', 'stale-while-revalidate', 'hot'],
  },
  {
    name: 'A price ticker',
    about: 'Nearly as many writes as reads, and an old price is a wrong price.',
    workload: { ...ordinary, keys: 200, skew: 0.8, readsPerSecond: 100, writesPerSecond: 60, ttlMillis: 1_000, valueBytes: 128 },
    patterns: ['none', 'ttl', 'invalidate', 'write-through', 'write-behind', 'change-capture'],
  },
  {
    name: 'A long tail',
    about: 'A large catalogue in which nearly everything is asked for rarely, and a fifth does not exist.',
    workload: { ...ordinary, keys: 5_000, skew: 0.4, readsPerSecond: 150, writesPerSecond: 2, unknownShare: 0.2, ttlMillis: 60_000, seconds: 60 },
    patterns: ['none', 'ttl', 'invalidate', 'sliding', 'hot'],
  },
  {
    name: 'A tired database',
    about: 'Made for switching the database to slow or down and seeing who goes on answering.',
    workload: { ...ordinary, keys: 200, skew: 1, readsPerSecond: 120, writesPerSecond: 4, ttlMillis: 3_000, seconds: 60 },
    patterns: ['ttl', 'invalidate', 'refresh-ahead', 'stale-while-revalidate', 'stale-if-error', 'hot'],
  },
];

/** Keys whose weights are added up one by one; the rest of the curve is smooth enough for its integral. */
const SUMMED_KEYS = 1_000;

/** Which part of the reads falls on the most wanted hundredth of the keys, where the nth key's weight is 1/nˢ. */
export function shareOfTheHottest(keys: number, skew: number): { keys: number; share: number } {
  const hottest = Math.max(1, Math.round(keys / 100));
  return { keys: hottest, share: weight(hottest, skew) / weight(keys, skew) };
}

function weight(keys: number, skew: number): number {
  let sum = 0;
  for (let n = 1; n <= Math.min(keys, SUMMED_KEYS); n++) sum += n ** -skew;
  if (keys <= SUMMED_KEYS) return sum;
  const [from, to] = [SUMMED_KEYS + 0.5, keys + 0.5];
  return sum + (Math.abs(skew - 1) < 1e-9 ? Math.log(to / from) : (to ** (1 - skew) - from ** (1 - skew)) / (1 - skew));
}
