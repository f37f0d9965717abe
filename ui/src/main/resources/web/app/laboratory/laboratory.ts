import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { asProblem, call, get, type Problem } from '../shared/api';
import { ago, count, percent, span } from '../shared/format';
import { Live } from '../shared/live';
import { Loaded, Page, Sending } from '../shared/page';
import { Seconds, connection, empty, failed, formProblem, loading } from '../shared/parts';
import { navigate } from '../shared/router';
import { Following, session } from '../shared/session';
import type { Items, LaboratoryAbout, LaboratoryAdvice, LaboratoryRun, LaneFigures, RunSecond, Stampede } from '../shared/wire';
import './controls';
import { Course, isOver, type LaneColumns } from './course';
import './lines';
import { advice, figuresTable, legend, nameOf, swatch, tierLegend } from './pieces';
import './setup';

/** Between runs the service speaks every 15 seconds; while it prepares or lets a herd run it may be busy for longer. */
const STALE_AFTER_MILLIS = 45_000;
/** What the adviser is asked about unless somebody says otherwise, and what else there is. */
const TOLERATED_MILLIS = 1_000;
const tolerances = [0, 100, 1_000, 10_000, 60_000];
const FIRST_ADVICE_SECOND = 3;

type Message =
  | { type: 'run'; run: LaboratoryRun | null }
  | { type: 'second'; run: string; second: RunSecond }
  | { type: 'stampede'; run: string; stampede: Stampede }
  | { type: 'advice'; run: string; advice: LaboratoryAdvice }
  | { type: 'idle' };

const states: Record<LaboratoryRun['state'], { name: string; tone: string }> = {
  preparing: { name: 'preparing', tone: 'wait' },
  running: { name: 'running', tone: 'mine' },
  stampede: { name: 'stampede', tone: 'mine' },
  cleaning: { name: 'cleaning up', tone: 'wait' },
  done: { name: 'done', tone: 'good' },
  stopped: { name: 'stopped', tone: '' },
  failed: { name: 'failed', tone: 'wrong' },
};

/** The order of states, as far as there is one. */
const progress: LaboratoryRun['state'][] = ['preparing', 'running', 'stampede', 'cleaning', 'done', 'stopped', 'failed'];

interface Chart {
  title: string;
  about: string;
  of: (columns: LaneColumns) => (number | null)[];
  now: (f: LaneFigures) => string;
  show: (value: number) => string;
  top?: number;
  floor?: number;
}

const charts: Chart[] = [
  { title: 'Answered without the database', about: 'of all reads', of: (c) => c.hitRatio, now: (f) => percent(f.hitRatio), show: (v) => `${Math.round(v * 100)} %`, top: 1 },
  { title: 'Database queries', about: 'a second', of: (c) => c.queriesPerSecond, now: (f) => count(f.queriesPerSecond), show: count },
  { title: 'The slowest hundredth of reads', about: 'p99', of: (c) => c.p99Millis, now: (f) => span(f.latency.p99Micros / 1000), show: span, floor: 0.1 },
  { title: 'The stalest answer', about: 'behind what is committed', of: (c) => c.stalestMillis, now: (f) => span(f.staleness.maxMillis), show: span, floor: 1 },
];

/** The caching laboratory: one workload, several patterns beside each other, over the real database and store. */
@customElement('larder-laboratory')
export class Laboratory extends Page {
  private readonly about = new Loaded<LaboratoryAbout>(this);
  private readonly runs = new Loaded<Items<LaboratoryRun>>(this);
  private readonly past = new Loaded<Course>(this);
  private readonly asking = new Loaded<LaboratoryAdvice>(this);
  private readonly stopping = new Sending(this);
  /** The newest run there is, as the socket tells it. */
  @state() private current: Course | null = null;
  @state() private heard = false;
  @state() private looked: number | null = null;
  @state() private tolerated = TOLERATED_MILLIS;
  @state() private historyProblem: Problem | null = null;
  /** Once a run was seen under way it stays on top; the page does not turn over when it ends. */
  private runFirst = false;
  private filling = false;
  private asked = '';
  private readonly live = new Live(this, () => '/api/laboratory/live', (message: Message) => this.hear(message), { staleAfterMillis: STALE_AFTER_MILLIS });

  constructor() {
    super();
    new Following(this);
    new Seconds(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.read);
    window.addEventListener('larder-navigate', this.read);
    this.load();
    this.read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.read);
    window.removeEventListener('larder-navigate', this.read);
  }

  private readonly load = (): void => {
    void this.about.load((signal) => get('/api/laboratory', undefined, signal));
    this.readRuns();
    if (this.historyProblem) void this.fill();
  };

  private readonly readRuns = (): void => void this.runs.load((signal) => get('/api/laboratory/runs', undefined, signal));

  /** Which run is looked at lives in the address, so that it can be shared; without one it is the newest. */
  private readonly read = (): void => {
    if (location.pathname !== '/laboratory') return;
    const id = new URLSearchParams(location.search).get('run') ?? '';
    if (id === this.asked) return;
    this.asked = id;
    this.looked = null;
    this.asking.set(null);
    this.past.set(null);
    if (id !== '' && id !== this.current?.run.id) this.readPast();
    this.requestUpdate();
  };

  private readonly readPast = (): void => {
    const id = this.asked;
    void this.past.load(async (signal) => {
      const course = new Course(await get<LaboratoryRun>(`/api/laboratory/runs/${encodeURIComponent(id)}`, undefined, signal));
      await fill(course, signal);
      return course;
    });
  };

  private get shown(): Course | null {
    return this.asked === '' || this.asked === this.current?.run.id ? this.current : this.past.value;
  }

  private hear(message: Message): void {
    this.heard = true;
    switch (message.type) {
      case 'run':
        this.take(message.run);
        break;
      case 'second':
        if (message.run !== this.current?.run.id) break;
        this.current.take([message.second]);
        this.current.run.switches = message.second.switches;
        if (this.current.wholeUntil < message.second.second) void this.fill();
        break;
      case 'stampede':
        if (message.run === this.current?.run.id && !this.current.run.stampedes.some((one) => one.second === message.stampede.second)) {
          this.current.run = { ...this.current.run, stampedes: [...this.current.run.stampedes, message.stampede] };
        }
        break;
      case 'advice':
        if (message.run === this.current?.run.id) this.current.advice = message.advice;
        break;
      case 'idle':
        break;
    }
    this.requestUpdate();
  }

  private take(run: LaboratoryRun | null): void {
    if (run === null) {
      this.current = null;
      return;
    }
    const known = this.current?.run;
    if (this.current && known?.id === run.id) {
      this.current.run = { ...run, second: Math.max(run.second, this.current.last) };
      if (!isOver(known) && isOver(run)) {
        this.readRuns();
        if (this.shown === this.current) this.asking.set(null);
      }
    } else {
      this.current = new Course(run);
      this.looked = null;
      this.asking.set(null);
      if (this.asked === run.id) this.past.set(null);
      this.readRuns();
    }
    this.runFirst ||= !isOver(run);
    if (this.current.wholeUntil < run.second) void this.fill();
  }

  /** An answer to a fetch may be older than what the socket has said meanwhile. */
  private answered(run: LaboratoryRun): void {
    const known = this.current?.run;
    if (known?.id !== run.id || progress.indexOf(known.state) <= progress.indexOf(run.state)) this.take(run);
    this.requestUpdate();
  }

  /** Fetches what was said before this window was listening, or while it was cut off. */
  private readonly fill = async (): Promise<void> => {
    const course = this.current;
    if (!course || this.filling) return;
    this.filling = true;
    this.historyProblem = null;
    try {
      await fill(course);
    } catch (thrown) {
      this.historyProblem = asProblem(thrown);
    } finally {
      this.filling = false;
      this.requestUpdate();
    }
  };

  private async stop(run: LaboratoryRun): Promise<void> {
    await this.stopping.run(async () => {
      this.answered((await call<LaboratoryRun>('POST', `/api/laboratory/runs/${encodeURIComponent(run.id)}/stop`)).body);
    });
  }

  private readonly started = async (event: CustomEvent<LaboratoryRun>): Promise<void> => {
    this.answered(event.detail);
    if (this.asked !== '') navigate('/laboratory');
    await this.updateComplete;
    const title = this.querySelector<HTMLElement>('#run-title');
    title?.focus({ preventScroll: true });
    title?.scrollIntoView({ block: 'start' });
  };

  private readonly look = (event: CustomEvent<number | null>): void => {
    this.looked = event.detail;
  };

  private ask(course: Course, tolerated: number): void {
    this.tolerated = tolerated;
    void this.asking.load((signal) => get(`/api/laboratory/runs/${encodeURIComponent(course.run.id)}/advice`, { toleratedStalenessMillis: tolerated }, signal));
  }

  protected override updated(): void {
    // Who comes after the end did not hear what the adviser said.
    const course = this.shown;
    if (course && isOver(course.run) && course.last >= FIRST_ADVICE_SECOND && !course.advice && this.tolerated === TOLERATED_MILLIS && !this.asking.value && !this.asking.busy && !this.asking.problem) this.ask(course, TOLERATED_MILLIS);
  }

  override render() {
    return html`<div class="page">
      <header class="page-head">
        <div>
          <h1>Laboratory</h1>
          <p>One workload, several caching patterns beside each other, over the real database and the real store: what each one spares the database, how long reads take, and how stale its answers get.</p>
        </div>
        ${connection(this.live)}
      </header>
      ${this.about.problem ? failed(this.about.problem, this.load) : !this.about.value ? loading('the laboratory', 10) : this.body(this.about.value)}
    </div>`;
  }

  private body(about: LaboratoryAbout) {
    const underWay = this.current !== null && !isOver(this.current.run);
    const setup = html`<larder-laboratory-setup .about=${about} .running=${underWay ? this.current!.run : null} @larder-started=${this.started}></larder-laboratory-setup>`;
    // One template for both orders, so that what is typed survives the start of a run.
    return html`<div class="bench ${this.runFirst || this.asked !== '' ? 'run-first' : ''}">
      <div class="the-setup">${setup}</div>
      <div class="the-run">${this.result(about)}</div>
      ${this.earlier()}
    </div>`;
  }

  private result(about: LaboratoryAbout) {
    if (this.asked !== '' && this.asked !== this.current?.run.id) {
      if (this.past.problem?.status === 404) return empty('This run is forgotten', 'Only the last few are kept, and none of them outlives the service.', html`<a class="button" href="/laboratory">See the newest</a>`);
      if (this.past.problem) return failed(this.past.problem, this.readPast);
      if (!this.past.value) return loading('the run', 8);
    }
    const course = this.shown;
    if (course) return this.course(about, course);
    if (!this.heard) return loading('the last run', 6);
    return empty('No run yet', 'Choose a workload above and start one: everybody who is here will see it.');
  }

  private course(about: LaboratoryAbout, course: Course) {
    const { run } = course;
    return html`<section aria-labelledby="run-title" class="run" data-run=${run.id} data-state=${run.state}>
      ${this.head(course)}
      ${run.failure ? html`<p class="notice wrong" role="alert"><span class="strong">The run failed.</span> ${run.failure}</p>` : nothing}
      ${this.historyProblem && course === this.current ? html`<p class="notice wrong" role="alert">The seconds before are missing: ${this.historyProblem.detail} <button class="as-link" type="button" @click=${this.fill}>Try again</button></p>` : nothing}
      ${legend(run)}
      <div class="columns ${isOver(run) && run.stampedes.length === 0 ? '' : 'run-columns'}">
        <div class="charts" @larder-look=${this.look}>${keyed(run.id, this.charts(course))}</div>
        ${isOver(run) && run.stampedes.length === 0 ? nothing : html`<aside class="controls" aria-label="Switches and stampede"><larder-laboratory-controls .about=${about} .run=${run}></larder-laboratory-controls></aside>`}
      </div>
      ${this.table(course)} ${this.adviser(course)}
    </section>`;
  }

  private head(course: Course) {
    const { run } = course;
    const mine = session.person?.id === run.by.id;
    const { name, tone } = states[run.state];
    const patterns = run.lanes.length === 1 ? 'one pattern' : `${run.lanes.length} patterns`;
    return html`<div class="panel-head run-head">
      <div class="whose"><h2 id="run-title" tabindex="-1">${mine ? 'Your run' : `${run.by.displayName}’s run`} of ${patterns}</h2>
        <span role="status"><span class="tag ${tone}">${name}</span></span></div>
      <p class="small soft num">${count(run.workload.readsPerSecond)} reads and ${count(run.workload.writesPerSecond)} writes a second · ${count(run.workload.keys)} keys · TTL ${span(run.workload.ttlMillis)} · ${isOver(run) ? ago(run.endsAt ?? run.startedAt) : run.state === 'preparing' ? 'its data are being laid out' : html`second <span data-figure="second">${run.second}</span> of ${run.workload.seconds}`}</p>
      ${session.person && !isOver(run) ? html`<button class="button slim" type="button" ?disabled=${this.stopping.busy || run.state === 'cleaning'} @click=${() => this.stop(run)}>Stop the run</button>` : nothing}
      <progress max=${run.workload.seconds} .value=${run.second} aria-label="Seconds of the run"></progress>
    </div>
    ${formProblem(this.stopping.problem)}`;
  }

  /** The figures under the pointer, else the last ones. */
  private figures(course: Course): { second: number; lanes: LaneFigures[] } {
    const second = (this.looked !== null && course.second(this.looked)) || course.second(course.last);
    return { second: second?.second ?? 0, lanes: second?.lanes ?? [] };
  }

  private charts(course: Course) {
    const { run } = course;
    const { second, lanes } = this.figures(course);
    const of = (id: string) => lanes.find((f) => f.lane === id);
    const columns = run.lanes.map((lane) => course.columns.get(lane.id)!);
    const marks = run.stampedes.map((one) => one.second);
    // A second of the history may arrive after later ones.
    const turn = `${course.last} ${course.at.length} ${marks.length}`;
    const told = (chart: Chart) => run.lanes.map((lane) => `${nameOf(run, lane)} ${of(lane.id) ? chart.now(of(lane.id)!) : 'nothing yet'}`).join(', ');
    return html`
      <div class="grid">
        ${charts.map((chart) => html`<figure>
          <figcaption><h3>${chart.title}</h3> <span class="small faint">${chart.about}</span></figcaption>
          <larder-lines label=${`${chart.title}, second ${second}: ${told(chart)}`} .at=${course.at} .columns=${columns.map(chart.of)} .colours=${run.lanes.map((lane) => `--lane-${lane.id}`)}
            .turn=${turn} .seconds=${run.workload.seconds} .show=${chart.show} .top=${chart.top ?? 0} .floor=${chart.floor ?? 0} .bands=${course.bands} .marks=${marks}></larder-lines>
          <ul class="readout" aria-hidden="true">${run.lanes.map((lane) => html`<li>${swatch(lane.id)}<span class="num">${of(lane.id) ? chart.now(of(lane.id)!) : '–'}</span></li>`)}</ul>
        </figure>`)}
      </div>
      <div class="panel-head"><h3>Where answers came from <span class="small faint">a second, all to one scale</span></h3>${tierLegend()}</div>
      <div class="grid lanes">
        ${run.lanes.map((lane, i) => html`<figure>
          <figcaption class="small">${swatch(lane.id)} ${nameOf(run, lane)}</figcaption>
          <larder-lines stacked label=${`Where the answers of ${nameOf(run, lane)} came from`} .at=${course.at} .columns=${columns[i]!.stacked} .colours=${['--tier-hot', '--tier-store', '--tier-stale', '--tier-negative', '--tier-database']}
            .turn=${turn} .seconds=${run.workload.seconds} .show=${count} .top=${roundedUp(course.mostAnswers)} .bands=${course.bands} .marks=${marks}></larder-lines>
        </figure>`)}
      </div>
      ${course.bands.length > 0 ? html`<p class="small faint">Shaded: something was slow or down.</p>` : nothing}`;
  }

  private table(course: Course) {
    const final = isOver(course.run);
    const { second, lanes } = this.figures(course);
    const figures = final && course.run.totals.length > 0 ? course.run.totals : lanes;
    const title = final ? 'The whole run' : `Second ${second}`;
    if (figures.length === 0) return nothing;
    return html`<section class="outcome" aria-labelledby="outcome-title" data-table=${final ? 'final' : 'second'}>
      <div class="panel-head"><h2 id="outcome-title">${title}</h2>
        <p class="small soft">The best of each column is marked. Widest: most loads of one key at a time. Not sent: too many were under way.</p></div>
      ${figuresTable(course.run, figures, title)}
    </section>`;
  }

  private adviser(course: Course) {
    const final = isOver(course.run);
    if (course.run.state === 'failed' || course.last < FIRST_ADVICE_SECOND) return nothing;
    const told = this.asking.value ?? (this.tolerated === TOLERATED_MILLIS ? course.advice : null);
    return html`<section class="panel adviser" aria-labelledby="adviser-title">
      <div class="panel-head"><h2 id="adviser-title">What fits this workload</h2>
        <div class="field tolerated"><label for="lab-tolerated">An answer may be old by</label>
          <select class="input" id="lab-tolerated" @change=${(e: Event) => this.ask(course, Number((e.target as HTMLSelectElement).value))}>
            ${tolerances.map((millis) => html`<option value=${millis} ?selected=${millis === this.tolerated}>${millis === 0 ? 'nothing' : span(millis)}</option>`)}
          </select></div>
      </div>
      ${this.asking.problem
        ? failed(this.asking.problem, () => this.ask(course, this.tolerated))
        : told
          ? html`<div class="told" aria-live="polite">${advice(course.run, told)}</div>`
          : this.asking.busy
            ? loading('the advice', 4)
            : html`<p class="small soft">${final ? 'The figures are there to be judged.' : 'It can be asked while the run goes on.'} <button class="as-link" type="button" @click=${() => this.ask(course, this.tolerated)}>Ask the adviser</button></p>`}
    </section>`;
  }

  private earlier() {
    // The list was fetched once; of the newest run there is later news.
    const items = (this.runs.value?.items ?? []).map((run) => (run.id === this.current?.run.id ? this.current.run : run));
    if (this.runs.problem) return failed(this.runs.problem, this.readRuns);
    if (items.length < 2 && this.asked === '') return nothing;
    return html`<section class="earlier" aria-labelledby="earlier-title">
      <h2 id="earlier-title">Runs so far</h2>
      <ul>${items.map((run) => html`<li><a href=${run.id === this.current?.run.id ? '/laboratory' : `/laboratory?run=${encodeURIComponent(run.id)}`} aria-current=${this.shown?.run.id === run.id ? 'true' : nothing}>
        <span class="strong">${run.by.displayName}</span>
        <span class="small soft">${run.lanes.map((lane) => lane.name).join(', ')}</span>
        <span class="small faint num">${count(run.workload.readsPerSecond)}/s, ${run.workload.seconds} s</span>
        <span class="tag ${states[run.state].tone}">${states[run.state].name}</span>
        <span class="small faint">${ago(run.startedAt)}</span></a></li>`)}</ul>
    </section>`;
  }
}

/** All seconds a course lacks; a few requests at most, for one answer holds up to 300. */
async function fill(course: Course, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const from = course.wholeUntil + 1;
    const { items } = await get<Items<RunSecond>>(`/api/laboratory/runs/${encodeURIComponent(course.run.id)}/seconds`, { from }, signal);
    course.take(items);
    if (course.wholeUntil < from || course.wholeUntil >= course.run.second) return;
  }
}

/** The scale of the small charts grows in steps, so that it does not breathe with the load. */
function roundedUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(10, value))) / 2;
  return Math.ceil((value * 1.02) / step) * step || step;
}
