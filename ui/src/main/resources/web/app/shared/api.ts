/** Every fetch of the page, and its one rule for errors: whatever goes wrong is a {@link Problem}. */

const LONGEST_WAIT_MILLIS = 15_000;

export interface Violation {
  field: string;
  message: string;
}

/** An RFC 9457 problem, or the lack of any answer (status 0). Shown where it belongs: at its field, else at its form or panel. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly violations: Violation[] = [],
    readonly requestId: string | null = null,
  ) {
    super(detail || title);
  }

  /** What is wrong with one field, by its name or the last part of its path. */
  at(field: string): string | undefined {
    return this.violations.find((v) => v.field === field || v.field.split('.').pop() === field)?.message;
  }
}

export interface Answer<T> {
  body: T;
  status: number;
  headers: Headers;
  /** From the call to the last byte read, as the browser saw it. */
  millis: number;
}

export interface Ask {
  body?: unknown;
  query?: Record<string, string | number | undefined | null>;
  signal?: AbortSignal;
}

export async function call<T>(method: string, path: string, ask: Ask = {}): Promise<Answer<T>> {
  const url = path + queryOf(ask.query);
  const timeout = AbortSignal.timeout(LONGEST_WAIT_MILLIS);
  const started = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: ask.body === undefined ? { Accept: 'application/json' } : { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
      signal: ask.signal ? AbortSignal.any([ask.signal, timeout]) : timeout,
      credentials: 'same-origin',
      // The page asks the service each time, so that the meter shows the store's answer and not the browser's own copy.
      cache: 'no-store',
    });
    text = await response.text();
  } catch (cause) {
    if (ask.signal?.aborted) throw cause;
    throw new Problem(
      0,
      timeout.aborted ? 'No answer in time' : 'No connection',
      timeout.aborted ? 'The service took longer than 15 seconds to answer.' : 'The suite cannot be reached from this browser.',
    );
  }
  const body = parse(text);
  if (!response.ok) throw problemOf(response, body);
  return { body: body as T, status: response.status, headers: response.headers, millis: performance.now() - started };
}

export const get = async <T>(path: string, query?: Ask['query'], signal?: AbortSignal): Promise<T> =>
  (await call<T>('GET', path, { query, signal })).body;

/** Whatever was thrown, as something that can be shown. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem(0, 'Something went wrong in the page', String((thrown as Error)?.message ?? thrown));
}

export const wasAborted = (thrown: unknown): boolean => thrown instanceof DOMException && thrown.name === 'AbortError';

function queryOf(query: Ask['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return pairs.length === 0 ? '' : '?' + new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(response: Response, body: unknown): Problem {
  const told = (body ?? {}) as { title?: string; detail?: string; requestId?: string; violations?: Violation[] };
  return new Problem(
    response.status,
    told.title ?? (response.status >= 500 ? 'The service is away' : 'Refused'),
    told.detail ?? (response.status >= 500 ? 'It did not answer. It may be starting; try again in a moment.' : `Answered with status ${response.status}.`),
    Array.isArray(told.violations) ? told.violations : [],
    told.requestId ?? response.headers.get('X-Request-Id'),
  );
}
