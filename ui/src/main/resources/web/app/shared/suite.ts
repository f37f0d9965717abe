import { LitElement, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { Live } from './live';
import type { SuiteStatus } from './wire';

/** Seconds of figures kept for the charts. */
export const KEPT_SECONDS = 180;

/** One second of the store, as columns for a chart. */
export interface Figures {
  at: number[];
  opsPerSecond: (number | null)[];
  hitRatio: (number | null)[];
  keys: (number | null)[];
  usedMemoryBytes: (number | null)[];
}

/** The suite's own pulse: one socket for the whole page, opened by the shell, read by whoever shows it. */
class Suite extends EventTarget {
  status: SuiteStatus | null = null;
  readonly figures: Figures = { at: [], opsPerSecond: [], hitRatio: [], keys: [], usedMemoryBytes: [] };
  live: Live | null = null;

  open(host: LitElement): void {
    this.live = new Live(host, () => '/api/suite/live', (message: SuiteStatus) => this.take(message), { staleAfterMillis: 10_000 });
  }

  take(status: SuiteStatus): void {
    this.status = status;
    const f = this.figures;
    f.at.push(Date.now() / 1000);
    f.opsPerSecond.push(status.store?.opsPerSecond ?? null);
    f.hitRatio.push(status.store?.hitRatio ?? null);
    f.keys.push(status.store?.keys ?? null);
    f.usedMemoryBytes.push(status.store?.usedMemoryBytes ?? null);
    if (f.at.length > KEPT_SECONDS) for (const column of Object.values(f)) column.shift();
    this.dispatchEvent(new Event('change'));
  }
}

export const suite = new Suite();

/** Draws its element again with every second of the suite. */
export class FollowingSuite implements ReactiveController {
  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    suite.addEventListener('change', this.again);
  }

  hostDisconnected(): void {
    suite.removeEventListener('change', this.again);
  }

  private readonly again = (): void => this.host.requestUpdate();
}
