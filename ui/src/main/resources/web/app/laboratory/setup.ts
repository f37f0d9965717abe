import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { call } from '../shared/api';
import { exact, percent, time } from '../shared/format';
import { Page, Sending } from '../shared/page';
import { field, formProblem, inviteToSignIn } from '../shared/parts';
import { Following, session } from '../shared/session';
import type { LaboratoryAbout, LaboratoryPattern, LaboratoryRun, LaboratoryWorkload, NewLaboratoryRun } from '../shared/wire';
import { isOver } from './course';
import { swatch } from './pieces';
import { presets, shareOfTheHottest, type Preset } from './presets';

const LANES = 'abcdef';
/** On a phone a pattern is explained when asked. */
const roomy = matchMedia('(min-width: 641px)');

interface Setting {
  name: keyof LaboratoryWorkload;
  label: string;
  hint?: string;
  /** How many of the wire's units are one of the form's. */
  unit?: number;
  step?: number | 'any';
}

/** The workload as it is asked for: in seconds and percent, where the wire has milliseconds and shares. */
const settings: { title: string; of: Setting[] }[] = [
  {
    title: 'Load',
    of: [
      { name: 'readsPerSecond', label: 'Reads a second', hint: 'in each lane', step: 1 },
      { name: 'writesPerSecond', label: 'Writes a second', hint: 'in each lane', step: 1 },
      { name: 'seconds', label: 'Seconds', hint: 'the run takes', step: 1 },
      { name: 'instances', label: 'Instances', hint: 'of the service in each lane', step: 1 },
    ],
  },
  {
    title: 'Data',
    of: [
      { name: 'keys', label: 'Keys', step: 1 },
      { name: 'skew', label: 'Skew', hint: '0: all alike · 1: as on the web', step: 'any' },
      { name: 'valueBytes', label: 'Bytes in a value', step: 1 },
      { name: 'unknownShare', label: 'Unknown, %', hint: 'reads of what does not exist', unit: 0.01, step: 'any' },
    ],
  },
  {
    title: 'Freshness',
    of: [
      { name: 'ttlMillis', label: 'Time to live, s', hint: 'unless a lane has its own', unit: 1000, step: 'any' },
      { name: 'behindShare', label: 'Behind the back, %', hint: 'untold writes', unit: 0.01, step: 'any' },
      { name: 'seed', label: 'Seed', hint: 'the same makes the same run', step: 1 },
    ],
  },
];
const all = settings.flatMap((group) => group.of);

/** What to run: a workload and the patterns to meet it. Fires `larder-started` with the new run. */
@customElement('larder-laboratory-setup')
export class Setup extends Page {
  @property({ attribute: false }) about!: LaboratoryAbout;
  /** The run that has the laboratory now, if any. */
  @property({ attribute: false }) running: LaboratoryRun | null = null;
  @state() private preset = '';
  /** As typed. */
  @state() private values: Partial<Record<keyof LaboratoryWorkload, string>> = {};
  /** Chosen patterns, each with the TTL typed for it. */
  @state() private chosen = new Map<string, string>();
  private readonly starting = new Sending(this);

  constructor() {
    super();
    new Following(this);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('about') && this.chosen.size === 0) this.use(presets[0]!);
  }

  private get mostLanes(): number {
    return Math.min(LANES.length, this.about.limits.lanes?.max ?? LANES.length);
  }

  private use(preset: Preset): void {
    const known = preset.patterns.filter((id) => this.about.patterns.some((pattern) => pattern.id === id)).slice(0, this.mostLanes);
    // A laboratory that has none of them says itself what is worth comparing.
    const run: NewLaboratoryRun = known.length > 0 ? { workload: preset.workload, lanes: known.map((pattern) => ({ pattern })) } : this.about.preset;
    this.preset = preset.name;
    this.starting.problem = null;
    this.values = Object.fromEntries(
      all.map(({ name, unit = 1 }) => {
        const bounds = this.about.limits[name];
        const value = bounds ? Math.min(bounds.max, Math.max(bounds.min, run.workload[name])) : run.workload[name];
        return [name, String(Number((value / unit).toFixed(6)))];
      }),
    );
    this.chosen = new Map(run.lanes.map((lane) => [lane.pattern, lane.ttlMillis ? String(lane.ttlMillis / 1000) : '']));
  }

  /** What is typed counts from now on, and it is no preset any more. */
  private typed(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (!all.some((setting) => setting.name === input.name)) return;
    this.values = { ...this.values, [input.name]: input.value };
    this.preset = '';
  }

  private pick(id: string, on: boolean): void {
    const chosen = new Map(this.chosen);
    if (on) chosen.set(id, '');
    else chosen.delete(id);
    // Lanes are in the order of the list, so that the same choice has the same colours.
    this.chosen = new Map(this.about.patterns.filter((pattern) => chosen.has(pattern.id)).map((pattern) => [pattern.id, chosen.get(pattern.id)!]));
  }

  private async start(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!session.person) return session.invite();
    const workload = Object.fromEntries(all.map(({ name, unit = 1 }) => [name, Number((Number(this.values[name]) * unit).toFixed(6))])) as unknown as LaboratoryWorkload;
    const lanes = [...this.chosen].map(([pattern, ttl]) => (ttl === '' ? { pattern } : { pattern, ttlMillis: Math.round(Number(ttl) * 1000) }));
    let run: LaboratoryRun | null = null;
    const done = await this.starting.run(async () => {
      run = (await call<LaboratoryRun>('POST', '/api/laboratory/runs', { body: { workload, lanes } satisfies NewLaboratoryRun })).body;
    });
    if (done) this.dispatchEvent(new CustomEvent('larder-started', { bubbles: true, detail: run }));
  }

  override render() {
    const problem = this.starting.problem;
    return html`<form class="panel form setup" @submit=${this.start} aria-labelledby="setup-title">
      <div class="panel-head"><h2 id="setup-title">Set up a run</h2>
        <div class="tabs" role="group" aria-label="Workloads to start from">
          ${presets.map((one) => html`<button type="button" aria-pressed=${this.preset === one.name} @click=${() => this.use(one)}>${one.name}</button>`)}
        </div>
      </div>
      <p class="small soft about-preset">${presets.find((one) => one.name === this.preset)?.about ?? 'A workload of your own.'}</p>
      <div class="settings" @input=${this.typed}>
        ${settings.map((group) => html`<fieldset><legend>${group.title}</legend><div class="group">${group.of.map((one) => this.setting(one))}</div></fieldset>`)}
        <p class="small soft skewed">${this.skewed()}</p>
      </div>
      <fieldset class="patterns">
        <legend>Patterns, side by side</legend>
        <p class="small soft" role="status">${this.chosen.size} of ${this.mostLanes} lanes taken; each has its own data and gets the same operations. ${this.together()}</p>
        <ul>${this.about.patterns.map((pattern) => this.pattern(pattern))}</ul>
      </fieldset>
      ${formProblem(problem, all.map((setting) => setting.name))}
      ${this.send()}
    </form>`;
  }

  private setting({ name, label, hint, unit = 1, step }: Setting) {
    const bounds = this.about.limits[name];
    return field({
      id: `lab-${name}`,
      name,
      label,
      hint,
      type: 'number',
      required: true,
      step,
      value: this.values[name],
      min: bounds ? bounds.min / unit : undefined,
      max: bounds ? Number((bounds.max / unit).toFixed(6)) : undefined,
      problem: this.starting.problem,
    });
  }

  /** What the skew means, in words. */
  private skewed() {
    const keys = Number(this.values.keys);
    const skew = Number(this.values.skew);
    if (!(keys >= 1) || !(skew >= 0)) return nothing;
    const hottest = shareOfTheHottest(keys, skew);
    return hottest.keys === 1 ? html`The most wanted key gets ${percent(hottest.share)} of the reads.` : html`The ${exact(hottest.keys)} most wanted of ${exact(keys)} keys get ${percent(hottest.share)} of the reads.`;
  }

  /** What all lanes ask of this machine, and whether it is too much. */
  private together() {
    const perSecond = (Number(this.values.readsPerSecond) + Number(this.values.writesPerSecond)) * this.chosen.size;
    const most = this.about.limits.operationsPerSecondOfAllLanes?.max;
    if (!(perSecond > 0)) return nothing;
    return most !== undefined && perSecond > most
      ? html`<span class="out">All together ${exact(perSecond)} operations a second; this machine is good for ${exact(most)}.</span>`
      : html`All together ${exact(perSecond)} operations a second.`;
  }

  private pattern(pattern: LaboratoryPattern) {
    const on = this.chosen.has(pattern.id);
    const lane = LANES[[...this.chosen.keys()].indexOf(pattern.id)] ?? '';
    const id = `lab-pattern-${pattern.id}`;
    return html`<li class=${on ? 'on' : ''}>
      <label class="pick"><input type="checkbox" id=${id} data-pattern=${pattern.id} .checked=${on} ?disabled=${!on && this.chosen.size >= this.mostLanes} aria-describedby=${`${id}-about`}
        @change=${(e: Event) => this.pick(pattern.id, (e.target as HTMLInputElement).checked)}><span class="strong">${pattern.name}</span>${on ? swatch(lane) : nothing}</label>
      <details class="small soft explained" ?open=${roomy.matches}>
        <summary>What it does and promises<span class="visually-hidden">: ${pattern.name}</span></summary>
        <div id=${`${id}-about`}>
          <p>${pattern.about}</p>
          <p><span class="promise">How stale:</span> ${pattern.bound}</p>
          ${this.keepsOn(pattern)}
        </div>
      </details>
      ${on && pattern.id !== 'none'
        ? html`<label class="own-ttl small">Its own time to live, s <input class="input" type="number" min=${(this.about.limits.ttlMillis?.min ?? 1) / 1000} max=${(this.about.limits.ttlMillis?.max ?? 1e12) / 1000} step="any" placeholder=${this.values.ttlMillis ?? ''}
            .value=${this.chosen.get(pattern.id)!} @input=${(e: Event) => { this.chosen.set(pattern.id, (e.target as HTMLInputElement).value); this.preset = ''; }}></label>`
        : nothing}
    </li>`;
  }

  private keepsOn({ keepsOn }: LaboratoryPattern) {
    const without = [keepsOn.database ? 'the database' : '', keepsOn.store ? 'the store' : ''].filter(Boolean);
    return without.length === 0 ? nothing : html`<p><span class="tag">Goes on without ${without.join(' or ')}</span></p>`;
  }

  private send() {
    if (!session.person) return inviteToSignIn('Watching is open to all. To start a run, say who you are.');
    const running = this.running && !isOver(this.running) ? this.running : null;
    return html`<div class="send">
      <button class="button primary" type="submit" ?disabled=${this.starting.busy || running !== null || this.chosen.size === 0}>${this.starting.busy ? 'Starting' : 'Start the run'}</button>
      ${running
        ? html`<span class="small soft">One run at a time: ${running.by.id === session.person.id ? 'yours' : `that of ${running.by.displayName}`} ${running.endsAt ? `takes until ${time(running.endsAt)}` : 'is being prepared'}.</span>`
        : this.chosen.size === 0
          ? html`<span class="small soft">Choose at least one pattern.</span>`
          : nothing}
    </div>`;
  }
}
