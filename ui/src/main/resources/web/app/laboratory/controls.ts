import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { call } from '../shared/api';
import { exact } from '../shared/format';
import { Page, Sending } from '../shared/page';
import { formProblem, inviteToSignIn } from '../shared/parts';
import { Following, session } from '../shared/session';
import type { Condition, LaboratoryAbout, LaboratoryRun, Switches } from '../shared/wire';
import { isOver } from './course';
import { stampede } from './pieces';

/** What the writer begins with where the workload had none. */
const ROWS_A_SECOND = 2;
const conditions: Condition['state'][] = ['ok', 'slow', 'down'];
const nameOf: Record<Condition['state'], string> = { ok: 'Well', slow: 'Slow', down: 'Down' };

/** What can be done to a run under way: its database, its store, a writer behind the cache's back, a stampede. */
@customElement('larder-laboratory-controls')
export class Controls extends Page {
  @property({ attribute: false }) about!: LaboratoryAbout;
  @property({ attribute: false }) run!: LaboratoryRun;
  /** As typed; nothing yet is as many as may be. */
  @state() private readers: number | null = null;
  private readonly switching = new Sending(this);
  private readonly herding = new Sending(this);

  constructor() {
    super();
    new Following(this);
  }

  private async set(change: Partial<Switches>): Promise<void> {
    await this.switching.run(async () => {
      const now = (await call<Switches>('PUT', `/api/laboratory/runs/${encodeURIComponent(this.run.id)}/switches`, { body: change })).body;
      this.run = { ...this.run, switches: now };
    });
    this.requestUpdate();
  }

  private async herd(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    await this.herding.run(() => call('POST', `/api/laboratory/runs/${encodeURIComponent(this.run.id)}/stampede`, { body: { readers: this.readers ?? this.mostReaders } }));
  }

  override render() {
    const underWay = !isOver(this.run) && this.run.state !== 'cleaning';
    return html`
      ${underWay ? this.switches() : nothing}
      <section class="panel" aria-labelledby="stampede-title">
        <h2 id="stampede-title">Stampede</h2>
        <p class="small soft">Everybody asks for one key that no cache has, in the same instant, lane after lane. The figure is how many queries reached the database.</p>
        ${this.newest()}
        ${underWay && session.person ? this.form() : nothing}
        ${formProblem(this.herding.problem)}
      </section>`;
  }

  private switches() {
    return html`<section class="panel" aria-labelledby="switches-title">
      <h2 id="switches-title">Make it harder</h2>
      ${session.person ? nothing : inviteToSignIn('To touch the switches, say who you are.')}
      ${this.condition('database', 'The database')} ${this.condition('store', 'The store')} ${this.writer()}
      ${formProblem(this.switching.problem)}
    </section>`;
  }

  private get mostReaders(): number {
    return this.about.limits.stampedeReaders?.max ?? 1000;
  }

  private get locked(): boolean {
    return !session.person || (this.run.state !== 'running' && this.run.state !== 'stampede') || this.switching.busy;
  }

  private condition(of: 'database' | 'store', title: string) {
    const now = this.run.switches[of];
    if (!this.about.switches[of]) return html`<div class="switch"><h3>${title}</h3><p class="small faint">cannot be switched here</p></div>`;
    return html`<div class="switch">
      <h3 id=${`switch-${of}`}>${title}</h3>
      <div class="tabs" role="group" aria-labelledby=${`switch-${of}`}>
        ${conditions.map((state) => html`<button type="button" class=${state} aria-pressed=${now.state === state} ?disabled=${this.locked} data-switch=${`${of}-${state}`} @click=${() => this.set({ [of]: { state, millis: now.millis } })}>${nameOf[state]}</button>`)}
      </div>
      ${now.state === 'slow'
        ? html`<label class="small soft by">by <input class="input" type="number" min="1" max=${this.about.limits.slowMillis?.max ?? 1000} step="1" .value=${String(now.millis)} ?disabled=${this.locked}
            @change=${(e: Event) => { const input = e.target as HTMLInputElement; if (input.reportValidity() && input.value) void this.set({ [of]: { state: 'slow', millis: Number(input.value) } }); }}> ms</label>`
        : nothing}
    </div>`;
  }

  private writer() {
    const now = this.run.switches.writer;
    return html`<div class="switch">
      <h3 id="switch-writer">Writer behind the back</h3>
      <div class="tabs" role="group" aria-labelledby="switch-writer">
        ${[false, true].map((on) => html`<button type="button" aria-pressed=${now.on === on} ?disabled=${this.locked} data-switch=${`writer-${on ? 'on' : 'off'}`} @click=${() => this.set({ writer: { on, perSecond: now.perSecond > 0 ? now.perSecond : ROWS_A_SECOND } })}>${on ? 'On' : 'Off'}</button>`)}
      </div>
      ${now.on
        ? html`<label class="small soft by"><input class="input" type="number" min="0.1" max=${this.about.limits.writerPerSecond?.max ?? 100} step="any" .value=${String(now.perSecond)} ?disabled=${this.locked}
            @change=${(e: Event) => { const input = e.target as HTMLInputElement; if (input.reportValidity() && input.value) void this.set({ writer: { on: true, perSecond: Number(input.value) } }); }}> rows a second</label>`
        : nothing}
    </div>`;
  }

  private form() {
    const busy = this.herding.busy || this.run.state === 'stampede';
    return html`<form class="send" @submit=${this.herd}>
      <label class="small soft by"><input class="input" id="stampede-readers" type="number" min=${this.about.limits.stampedeReaders?.min ?? 1} max=${this.mostReaders} step="1" required .value=${String(this.readers ?? this.mostReaders)} @input=${(e: Event) => (this.readers = Number((e.target as HTMLInputElement).value))}> readers</label>
      <button class="button primary" type="submit" ?disabled=${busy || this.run.state !== 'running'}>${busy ? 'They are running' : 'Let them run'}</button>
    </form>`;
  }

  private newest() {
    const newest = this.run.stampedes.at(-1);
    if (this.run.state === 'stampede') return html`<p class="notice" role="status">The readers are off, lane after lane; the workload waits meanwhile.</p>`;
    if (!newest) return nothing;
    return html`<p class="small" role="status"><span class="strong">${exact(newest.readers)} readers</span> at second ${newest.second}</p>${stampede(this.run, newest)}`;
  }
}
