import { LitElement, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { Problem, asProblem, wasAborted } from './api';

/** A page draws into the document itself, so that one stylesheet, one focus order and one set of ids serve the whole. */
export abstract class Page extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** Something fetched: not yet, there, or not to be had. A newer load abandons an older one. */
export class Loaded<T> implements ReactiveController {
  value: T | null = null;
  problem: Problem | null = null;
  busy = false;
  private running: AbortController | null = null;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.running?.abort();
  }

  async load(fetching: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.busy = true;
    this.problem = null;
    this.host.requestUpdate();
    try {
      const value = await fetching(running.signal);
      if (this.running === running) this.value = value;
    } catch (thrown) {
      if (this.running === running && !wasAborted(thrown)) this.problem = asProblem(thrown);
    } finally {
      if (this.running === running) {
        this.busy = false;
        this.host.requestUpdate();
      }
    }
  }

  set(value: T | null): void {
    this.value = value;
    this.problem = null;
    this.host.requestUpdate();
  }
}

/** A form on its way: busy while sent, and what was wrong with it afterwards. */
export class Sending implements ReactiveController {
  busy = false;
  problem: Problem | null = null;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** True when it went through. A second press while busy does nothing. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    this.host.requestUpdate();
    try {
      await action();
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return false;
    } finally {
      this.busy = false;
      this.host.requestUpdate();
    }
  }
}
