import type { LaboratoryAdvice, LaboratoryRun, LaneFigures, RunSecond, Switches } from '../shared/wire';

/** Where an answer can come from, nearest first. */
export const tiers = ['hot', 'store', 'stale', 'negative', 'database'] as const;
export type Tier = (typeof tiers)[number];

export const tierNames: Record<Tier, string> = {
  hot: 'In the JVM',
  store: 'The store',
  stale: 'A stale copy',
  negative: 'Known to be absent',
  database: 'The database',
};

/** What one lane did, second by second, as columns for charts. */
export interface LaneColumns {
  /** 0 to 1. */
  hitRatio: (number | null)[];
  queriesPerSecond: (number | null)[];
  p99Millis: (number | null)[];
  /** The oldest answer of the second. */
  stalestMillis: (number | null)[];
  /** Answers per second, each tier on top of the nearer ones. */
  stacked: (number | null)[][];
}

/** A stretch of a run in which something was slow or down, for the ground of the charts. */
export interface Band {
  from: number;
  to: number;
  down: boolean;
}

const over = new Set(['done', 'stopped', 'failed']);
export const isOver = (run: LaboratoryRun): boolean => over.has(run.state);

/**
 * One run and all that was heard of it. Seconds come one by one from the socket and in bulk from the history, in
 * any order and some twice; the columns are always whole and in order, and always the same arrays.
 */
export class Course {
  readonly at: number[] = [];
  readonly bands: Band[] = [];
  readonly columns = new Map<string, LaneColumns>();
  advice: LaboratoryAdvice | null = null;
  /** The most answers per second any lane gave, so that lanes can be drawn to one scale. */
  mostAnswers = 0;
  private readonly seconds = new Map<number, RunSecond>();

  constructor(public run: LaboratoryRun) {
    for (const lane of run.lanes) {
      this.columns.set(lane.id, { hitRatio: [], queriesPerSecond: [], p99Millis: [], stalestMillis: [], stacked: tiers.map(() => []) });
    }
  }

  /** The last second without one missing before it. */
  get wholeUntil(): number {
    let second = 0;
    while (this.seconds.has(second + 1)) second++;
    return second;
  }

  get last(): number {
    return this.at.at(-1) ?? 0;
  }

  second(number: number): RunSecond | undefined {
    return this.seconds.get(number);
  }

  take(heard: RunSecond[]): void {
    let anew = false;
    for (const one of heard) {
      if (this.seconds.has(one.second)) continue;
      anew ||= one.second < this.last;
      this.seconds.set(one.second, one);
      if (!anew) this.append(one);
    }
    if (anew) this.rebuild();
    this.run = { ...this.run, second: Math.max(this.run.second, this.last) };
  }

  private rebuild(): void {
    this.at.length = this.bands.length = 0;
    for (const lane of this.columns.values()) for (const column of [lane.hitRatio, lane.queriesPerSecond, lane.p99Millis, lane.stalestMillis, ...lane.stacked]) column.length = 0;
    for (const one of [...this.seconds.values()].sort((a, b) => a.second - b.second)) this.append(one);
  }

  private append(one: RunSecond): void {
    this.at.push(one.second);
    const figures = new Map(one.lanes.map((lane) => [lane.lane, lane]));
    for (const [id, columns] of this.columns) {
      const f = figures.get(id);
      columns.hitRatio.push(f?.hitRatio ?? null);
      columns.queriesPerSecond.push(f?.queriesPerSecond ?? null);
      columns.p99Millis.push(f && answered(f) > 0 ? f.latency.p99Micros / 1000 : null);
      columns.stalestMillis.push(f?.staleness.maxMillis ?? null);
      let sum = 0;
      tiers.forEach((tier, i) => columns.stacked[i]!.push(f ? (sum += f.hits[tier]) : null));
      this.mostAnswers = Math.max(this.mostAnswers, sum);
    }
    this.shade(one.second, one.switches);
  }

  private shade(second: number, switches: Switches): void {
    const states = [switches.database.state, switches.store.state];
    if (states.every((state) => state === 'ok')) return;
    const down = states.includes('down');
    const before = this.bands.at(-1);
    if (before && before.down === down && before.to === second - 1) before.to = second;
    else this.bands.push({ from: second - 1, to: second, down });
  }
}

export const answered = (f: LaneFigures): number => tiers.reduce((sum, tier) => sum + f.hits[tier], 0);
export const failures = (f: LaneFigures): number => Object.values(f.errors).reduce((sum, n) => sum + n, 0);
