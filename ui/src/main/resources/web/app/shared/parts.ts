import { html, nothing, svg, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { Problem } from './api';
import { session } from './session';
import type { Live } from './live';

/** Small templates that several pages show the same way. */

export const loading = (what: string, lines = 5): TemplateResult => html`
  <div class="wait-lines" role="status" aria-label=${`Loading ${what}`}>${Array.from({ length: lines }, () => html`<i></i>`)}</div>
`;

export const empty = (title: string, text: string | TemplateResult, action: TemplateResult | typeof nothing = nothing): TemplateResult => html`
  <div class="blank">
    <h3>${title}</h3>
    <p>${text}</p>
    ${action}
  </div>
`;

export const failed = (problem: Problem, again: () => void): TemplateResult => html`
  <div class="blank" role="alert">
    <h3>${problem.title}</h3>
    <p>${problem.detail}</p>
    ${problem.requestId ? html`<p class="mono">Request ${problem.requestId}</p>` : nothing}
    <button class="button" type="button" @click=${again}>Try again</button>
  </div>
`;

/** What is wrong with a form as a whole: only what no field already says. */
export const formProblem = (problem: Problem | null, fields: string[] = []): TemplateResult | typeof nothing =>
  problem === null || (problem.violations.length > 0 && problem.violations.every((v) => fields.some((name) => problem.at(name) === v.message)))
    ? nothing
    : html`<p class="notice wrong" role="alert"><span class="strong">${problem.title}.</span> ${problem.detail}</p>`;

interface FieldOptions {
  id: string;
  name: string;
  label: string;
  problem: Problem | null;
  value?: string | number;
  type?: string;
  hint?: string;
  required?: boolean;
  min?: string | number;
  max?: string | number;
  step?: string | number;
  maxlength?: number;
  placeholder?: string;
  rows?: number;
  autocomplete?: string;
}

export function field(o: FieldOptions): TemplateResult {
  const wrong = o.problem?.at(o.name);
  const described = [o.hint ? `${o.id}-hint` : '', wrong ? `${o.id}-wrong` : ''].filter(Boolean).join(' ') || undefined;
  const input = o.rows
    ? html`<textarea class="input" id=${o.id} name=${o.name} rows=${o.rows} maxlength=${ifDefined(o.maxlength)} ?required=${o.required}
        aria-invalid=${wrong ? 'true' : 'false'} aria-describedby=${ifDefined(described)} .value=${String(o.value ?? '')}></textarea>`
    : html`<input class="input" id=${o.id} name=${o.name} type=${o.type ?? 'text'} .value=${String(o.value ?? '')} ?required=${o.required}
        min=${ifDefined(o.min)} max=${ifDefined(o.max)} step=${ifDefined(o.step)} maxlength=${ifDefined(o.maxlength)}
        placeholder=${ifDefined(o.placeholder)} autocomplete=${(o.autocomplete ?? 'off') as any}
        aria-invalid=${wrong ? 'true' : 'false'} aria-describedby=${ifDefined(described)}>`;
  return html`
    <div class="field">
      <label for=${o.id}>${o.label}</label>
      ${input}
      ${o.hint ? html`<span class="hint" id=${`${o.id}-hint`}>${o.hint}</span>` : nothing}
      ${wrong ? html`<span class="wrong" id=${`${o.id}-wrong`} role="alert">${wrong}</span>` : nothing}
    </div>
  `;
}

export function connection(live: Live): TemplateResult {
  const text = { open: 'Live', connecting: 'Connecting', waiting: live.retryInSeconds > 0 ? `Reconnecting in ${live.retryInSeconds} s` : 'Reconnecting', closed: 'Not connected' }[live.state];
  return html`<span class="link-state ${live.state}" role="status" data-live=${live.state}>${text}</span>`;
}

/** A ring that empties: what is left of a whole. */
export function ring(left: number, whole: number, size = 56): TemplateResult {
  const r = 22;
  const length = 2 * Math.PI * r;
  const share = whole > 0 ? Math.min(1, Math.max(0, left / whole)) : 0;
  return html`<svg class="ring" width=${size} height=${size} viewBox="0 0 50 50" aria-hidden="true">
    <circle cx="25" cy="25" r=${r}></circle>
    <circle class="left" cx="25" cy="25" r=${r} stroke-dasharray=${length} stroke-dashoffset=${length * (1 - share)}></circle>
  </svg>`;
}

export const inviteToSignIn = (why: string): TemplateResult => html`
  <div class="invite">
    <p>${why}</p>
    <button class="button primary" type="button" @click=${() => session.invite()}>Sign in</button>
  </div>
`;

/** What stands in a use case's jar. All jars are the same glass; the contents tell them apart. */
const contents: Record<string, TemplateResult> = {
  home: svg`<path class="fill" d="M14 38h20v14a3 3 0 0 1-3 3H17a3 3 0 0 1-3-3z"/>`,
  catalog: svg`<g class="fill"><rect x="14" y="28" width="9" height="12" rx="1.5"/><rect x="25" y="32" width="9" height="8" rx="1.5"/><rect x="14" y="43" width="9" height="12" rx="1.5"/><rect x="25" y="43" width="9" height="12" rx="1.5"/></g>`,
  leaderboard: svg`<g class="fill"><rect x="14" y="42" width="6" height="13" rx="1"/><rect x="21" y="30" width="6" height="25" rx="1"/><rect x="28" y="47" width="6" height="8" rx="1"/></g>`,
  chat: svg`<g class="fill"><path d="M14 28h14v8H19l-3 3v-3h-2z"/><path d="M34 42H20v8h9l3 3v-3h2z"/></g>`,
  session: svg`<g class="fill"><circle cx="24" cy="36" r="5.5"/><path d="M14.500 55c0-6 4-10 9.500-10s9.500 4 9.500 10z"/></g>`,
  geo: svg`<path class="fill" fill-rule="evenodd" d="M24 27a9 9 0 0 1 9 9c0 7-9 19-9 19s-9-12-9-19a9 9 0 0 1 9-9zm0 5.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z"/>`,
  queue: svg`<g class="fill"><circle cx="18.500" cy="51" r="3.700"/><circle cx="29.500" cy="51" r="3.700"/><circle cx="24" cy="42.500" r="3.700"/><circle cx="24" cy="31" r="3.700" class="falling"/></g>`,
  laboratory: svg`<g class="fill"><path d="M14 44c3-2 6-2 10 0s7 2 10 0v8a3 3 0 0 1-3 3H17a3 3 0 0 1-3-3z"/><circle cx="20" cy="37" r="2.200"/><circle cx="27.500" cy="33" r="3"/></g>`,
};

export const jar = (name: string, size = 48): TemplateResult => html`
  <svg class="jar" width=${size} height=${(size * 60) / 48} viewBox="0 0 48 60" aria-hidden="true">
    <rect class="lid" x="11" y="2" width="26" height="8" rx="2"></rect>
    <path class="glass" d="M14 10v3c0 2-4 4-4 8v32a5 5 0 0 0 5 5h18a5 5 0 0 0 5-5V21c0-4-4-6-4-8v-3"></path>
    ${contents[name] ?? nothing}
  </svg>
`;

/** Draws its element again every second, for what counts down. */
export class Seconds {
  private timer = 0;

  constructor(private readonly host: import('lit').ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = window.setInterval(() => this.host.requestUpdate(), 1000);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
  }
}
