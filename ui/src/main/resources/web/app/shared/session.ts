import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Problem, asProblem, call, get } from './api';
import type { SessionBody } from './wire';

/**
 * Who is here, for the whole page. Fires `change` whenever anything of it changed and `person` when somebody else
 * (or nobody) is signed in. The cookie itself is out of the page's reach; this is what the service says about it.
 */
class Session extends EventTarget {
  body: SessionBody | null = null;
  problem: Problem | null = null;
  /** When `body.ttlSeconds` was true, by this browser's clock. */
  readAt = 0;

  get person() {
    return this.body?.signedIn ? (this.body.person ?? null) : null;
  }

  /** Seconds the session has left, counted down here from the last answer. */
  get secondsLeft(): number {
    return Math.max(0, (this.body?.ttlSeconds ?? 0) - Math.floor((Date.now() - this.readAt) / 1000));
  }

  async load(): Promise<void> {
    try {
      this.take(await get<SessionBody>('/api/session'));
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.dispatchEvent(new Event('change'));
    }
  }

  async signIn(displayName: string): Promise<void> {
    this.take((await call<SessionBody>('POST', '/api/session', { body: { displayName } })).body);
  }

  async signOut(): Promise<void> {
    await call('DELETE', '/api/session');
    this.take({ signedIn: false });
  }

  async put(attributes: Record<string, string | null>): Promise<void> {
    this.take((await call<SessionBody>('PATCH', '/api/session/attributes', { body: attributes })).body);
  }

  /** Opens the sign-in sheet; it belongs to the header and can be asked for from anywhere. */
  invite(): void {
    this.dispatchEvent(new Event('invite'));
  }

  private take(body: SessionBody): void {
    const before = this.person?.id;
    this.body = body;
    this.problem = null;
    this.readAt = Date.now();
    this.dispatchEvent(new Event('change'));
    if (before !== this.person?.id) this.dispatchEvent(new Event('person'));
  }
}

export const session = new Session();

/** Draws its element again when the session changes. */
export class Following implements ReactiveController {
  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    session.addEventListener('change', this.again);
  }

  hostDisconnected(): void {
    session.removeEventListener('change', this.again);
  }

  private readonly again = (): void => this.host.requestUpdate();
}
