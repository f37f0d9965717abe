import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { session } from './session';

export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed';

const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 15_000;
/** A connection that lived this long was a good one: the next loss starts counting from nothing. */
const STEADY_AFTER_MILLIS = 5_000;
const SESSION_ENDED = 4401;

interface Options {
  /** Reconnect when nothing was heard for so long. Only for sockets that speak regularly. */
  staleAfterMillis?: number;
  /** Speak as whoever is signed in: start anew when that changes. */
  asPerson?: boolean;
}

/**
 * A socket for as long as its element is on the page. It comes back by itself: the wait doubles from half a second to
 * fifteen, and half of it is random, so that a thousand browsers do not return in the same instant. `path` is asked
 * before each attempt, so it can carry the last id seen and the server resumes from there.
 */
export class Live implements ReactiveController {
  state: LiveState = 'closed';
  /** Whole seconds until the next attempt, while waiting. */
  retryInSeconds = 0;

  private socket: WebSocket | null = null;
  private attempts = 0;
  private openedAt = 0;
  private heardAt = 0;
  private retryAt = 0;
  private ticker = 0;
  private wanted = false;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly path: () => string | null,
    private readonly onMessage: (message: any) => void,
    private readonly options: Options = {},
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.wanted = true;
    window.addEventListener('online', this.now);
    document.addEventListener('visibilitychange', this.now);
    if (this.options.asPerson) session.addEventListener('person', this.restart);
    this.ticker = window.setInterval(this.tick, 500);
    this.connect();
  }

  hostDisconnected(): void {
    this.wanted = false;
    window.removeEventListener('online', this.now);
    document.removeEventListener('visibilitychange', this.now);
    session.removeEventListener('person', this.restart);
    clearInterval(this.ticker);
    this.drop();
    this.become('closed');
  }

  /** Leave the present connection for one to where `path` now points. */
  readonly restart = (): void => {
    this.drop();
    this.attempts = 0;
    this.connect();
  };

  /** False when there is no connection to say it on. */
  send(message: unknown): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private connect(): void {
    const path = this.wanted ? this.path() : null;
    if (path === null) {
      this.become('closed');
      return;
    }
    this.become('connecting');
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(`${scheme}//${location.host}${path}`);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => {
      this.openedAt = this.heardAt = Date.now();
      this.become('open');
    };
    socket.onmessage = (event) => {
      this.heardAt = Date.now();
      let message: unknown;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      this.onMessage(message);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (event.code === SESSION_ENDED) void session.load();
      if (this.openedAt > 0 && Date.now() - this.openedAt > STEADY_AFTER_MILLIS) this.attempts = 0;
      this.openedAt = 0;
      const longest = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** this.attempts++);
      this.retryAt = Date.now() + longest * (0.5 + Math.random() / 2);
      this.retryInSeconds = 0;
      this.become('waiting');
    };
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    // Closing during the handshake is an error line in the console; such a socket is closed once it is open.
    if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(1000);
    else socket.close(1000);
  }

  private readonly now = (): void => {
    if (this.state === 'waiting' && document.visibilityState === 'visible') this.restart();
  };

  private readonly tick = (): void => {
    if (this.state === 'waiting') {
      const left = Math.max(0, Math.ceil((this.retryAt - Date.now()) / 1000));
      if (left !== this.retryInSeconds) {
        this.retryInSeconds = left;
        this.host.requestUpdate();
      }
      if (Date.now() >= this.retryAt) this.connect();
    } else if (this.state === 'open' && this.options.staleAfterMillis && Date.now() - this.heardAt > this.options.staleAfterMillis) {
      this.restart();
    }
  };

  private become(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    this.host.requestUpdate();
  }
}
