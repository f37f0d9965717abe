import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { call, get } from '../shared/api';
import { ago, count, duration } from '../shared/format';
import { Live } from '../shared/live';
import { Loaded, Page, Sending } from '../shared/page';
import { Seconds, connection, empty, failed, field, formProblem, inviteToSignIn, loading } from '../shared/parts';
import { navigate } from '../shared/router';
import { Following, session } from '../shared/session';
import type { Counts, Items, Job, JobState, QueueInfo } from '../shared/wire';

const SHOWN_JOBS = 50;
const states: JobState[] = ['waiting', 'delayed', 'active', 'completed', 'failed'];
const toneOf: Record<JobState, string> = { waiting: '', delayed: 'wait', active: 'mine', completed: 'good', failed: 'wrong' };

type Kind = 'checksum' | 'flaky' | 'delayed';
const kinds: Record<Kind, { title: string; about: string }> = {
  checksum: { title: 'Checksum', about: 'Hashes the text again and again with SHA-256.' },
  flaky: { title: 'Flaky', about: 'Fails a few times before it works; watch it wait and return.' },
  delayed: { title: 'Delayed', about: 'A checksum that is not due yet.' },
};

@customElement('larder-queue')
export class Queue extends Page {
  private readonly queues = new Loaded<Items<QueueInfo>>(this);
  private readonly jobs = new Loaded<Items<Job>>(this);
  private readonly sending = new Sending(this);
  private readonly retrying = new Sending(this);
  @state() private kind: Kind = 'checksum';
  @state() private filter: JobState | '' = '';
  @state() private added: string | number | null = null;
  private queue = '';
  private readonly live = new Live(this, () => (this.queue ? `/api/queue/queues/${encodeURIComponent(this.queue)}/live` : null), (message) => this.hear(message));

  constructor() {
    super();
    new Following(this);
    new Seconds(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.read);
    window.addEventListener('larder-navigate', this.read);
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.read);
    window.removeEventListener('larder-navigate', this.read);
  }

  private readonly start = async (): Promise<void> => {
    await this.queues.load((signal) => get('/api/queue/queues', undefined, signal));
    this.read();
  };

  private readonly read = (): void => {
    if (location.pathname !== '/queue' || !this.queues.value) return;
    const asked = new URLSearchParams(location.search).get('queue');
    const items = this.queues.value.items;
    const queue = items.find((one) => one.name === asked)?.name ?? items[0]?.name ?? '';
    if (queue === this.queue) return;
    this.queue = queue;
    this.added = null;
    this.jobs.set(null);
    if (queue) void this.readJobs();
    this.live.restart();
  };

  private readonly readJobs = (): Promise<void> =>
    this.jobs.load((signal) => get(`/api/queue/queues/${encodeURIComponent(this.queue)}/jobs`, { state: this.filter, limit: SHOWN_JOBS }, signal));

  private hear(message: { type: string; counts?: Counts; job?: Job }): void {
    if (message.type === 'counts' && message.counts && this.queues.value) {
      this.queues.set({ items: this.queues.value.items.map((one) => (one.name === this.queue ? { ...one, counts: message.counts! } : one)) });
    } else if (message.type === 'job' && message.job) {
      this.put(message.job);
    }
  }

  /** One job's newest news: in place when it is shown, on top when it is new and wanted. */
  private put(job: Job): void {
    const items = this.jobs.value?.items;
    if (!items) return;
    const wanted = this.filter === '' || this.filter === job.state;
    const known = items.some((one) => String(one.id) === String(job.id));
    const next = known ? items.map((one) => (String(one.id) === String(job.id) ? job : one)).filter((one) => this.filter === '' || one.state === this.filter) : wanted ? [job, ...items].slice(0, SHOWN_JOBS) : items;
    this.jobs.set({ items: next });
  }

  private async enqueue(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    const text = String(data.get('text') ?? '');
    const body =
      this.kind === 'flaky'
        ? { type: 'flaky', payload: { text, failTimes: Number(data.get('failTimes')) }, maxAttempts: Number(data.get('maxAttempts')) }
        : { type: 'checksum', payload: { text, rounds: Number(data.get('rounds')) }, ...(this.kind === 'delayed' ? { delayMillis: Math.round(Number(data.get('delaySeconds')) * 1000) } : {}) };
    await this.sending.run(async () => {
      const job = (await call<Job>('POST', `/api/queue/queues/${encodeURIComponent(this.queue)}/jobs`, { body })).body;
      this.added = job.id;
      const known = this.jobs.value?.items.find((one) => String(one.id) === String(job.id));
      // The socket may have told of a later state already.
      if (!known) this.put(job);
    });
  }

  private async retry(job: Job): Promise<void> {
    await this.retrying.run(async () => {
      await call('POST', `/api/queue/queues/${encodeURIComponent(this.queue)}/jobs/${encodeURIComponent(String(job.id))}/retry`);
    });
    void this.readJobs();
  }

  override render() {
    return html`<div class="page">
      <header class="page-head">
        <div>
          <h1>Queue</h1>
          <p>A job is leased, not taken: if its worker falls silent, it comes back. What fails waits a little longer each time.</p>
        </div>
        ${connection(this.live)}
      </header>
      ${this.queues.problem ? failed(this.queues.problem, this.start) : !this.queues.value ? loading('the queues', 8) : this.queues.value.items.length === 0 ? empty('No queues', 'The service has no queue yet.') : this.body()}
    </div>`;
  }

  private body() {
    const items = this.queues.value!.items;
    const chosen = items.find((one) => one.name === this.queue);
    return html`
      <div class="tabs" role="group" aria-label="Queues">
        ${items.map((one) => html`<button type="button" aria-pressed=${one.name === this.queue} @click=${() => navigate(`/queue?queue=${encodeURIComponent(one.name)}`)}>${one.name}</button>`)}
      </div>
      ${chosen ? this.line(chosen.counts) : nothing}
      <div class="columns queue-columns">
        <section class="panel" aria-labelledby="enqueue-title"><h2 id="enqueue-title">Put in a job</h2>${this.form()}</section>
        <section class="jobs" aria-labelledby="jobs-title">
          <div class="panel-head"><h2 id="jobs-title">Jobs</h2>
            <p class="small soft">${this.filter ? html`Only ${this.filter}. <button class="as-link" type="button" @click=${() => this.only('')}>Show all</button>` : `The newest ${SHOWN_JOBS}`}</p></div>
          ${formProblem(this.retrying.problem)}
          ${this.list()}
        </section>
      </div>`;
  }

  private only(state: JobState | ''): void {
    this.filter = this.filter === state ? '' : state;
    void this.readJobs();
  }

  /** The five places a job can be; each is also the filter for its jobs. */
  private line(counts: Counts) {
    return html`<ul class="line" aria-label="Jobs by state">
      ${states.map((state) => html`<li><button type="button" class=${state} aria-pressed=${this.filter === state} @click=${() => this.only(state)}>
        <span class="num n" data-count=${state}>${count(counts[state] ?? 0)}</span><span>${state}</span></button></li>`)}
    </ul>`;
  }

  private form() {
    if (!session.person) return inviteToSignIn('Watching is open to all. To put in work, say who you are.');
    const problem = this.sending.problem;
    return html`
      <div class="tabs kinds" role="group" aria-label="Kind of job">
        ${(Object.keys(kinds) as Kind[]).map((kind) => html`<button type="button" aria-pressed=${kind === this.kind} @click=${() => { this.kind = kind; this.sending.problem = null; }}>${kinds[kind].title}</button>`)}
      </div>
      <p class="small soft">${kinds[this.kind].about}</p>
      <form class="form" @submit=${this.enqueue}>
        ${field({ id: 'job-text', name: 'text', label: 'Text', required: true, maxlength: 1000, value: 'a jar of plum jam', problem })}
        ${this.kind === 'flaky'
          ? html`<div class="side-by-side">
              ${field({ id: 'job-fails', name: 'failTimes', label: 'Fails', type: 'number', min: 0, max: 20, step: 1, value: 2, required: true, problem, hint: 'times, then works' })}
              ${field({ id: 'job-attempts', name: 'maxAttempts', label: 'Attempts', type: 'number', min: 1, max: 20, step: 1, value: 3, required: true, problem, hint: 'before it is given up' })}
            </div>`
          : html`<div class="side-by-side">
              ${field({ id: 'job-rounds', name: 'rounds', label: 'Rounds', type: 'number', min: 1, max: 1_000_000, step: 1, value: 100_000, required: true, problem })}
              ${this.kind === 'delayed' ? field({ id: 'job-delay', name: 'delaySeconds', label: 'Due in seconds', type: 'number', min: 0, max: 3600, step: 'any', value: 10, required: true, problem }) : nothing}
            </div>`}
        ${formProblem(problem, ['text', 'failTimes', 'rounds', 'maxAttempts', 'delaySeconds'])}
        <div class="send">
          <button class="button primary" type="submit" ?disabled=${this.sending.busy}>${this.sending.busy ? 'Putting it in' : 'Put it in'}</button>
          ${this.added !== null && !problem ? html`<span class="small soft" role="status" data-added=${this.added}>It is in the queue</span>` : nothing}
        </div>
      </form>`;
  }

  private list() {
    const { value, problem } = this.jobs;
    if (problem) return failed(problem, this.readJobs);
    if (!value) return loading('the jobs', 8);
    if (value.items.length === 0) return this.filter ? empty(`Nothing is ${this.filter}`, 'Jobs come and go; this list follows them.') : empty('The queue is empty', 'Put in a job and watch it being worked on.');
    return html`<ol class="job-list">${repeat(value.items, (job) => String(job.id), (job) => this.job(job))}</ol>`;
  }

  private job(job: Job) {
    const text = typeof job.payload?.text === 'string' ? job.payload.text : JSON.stringify(job.payload ?? {});
    return html`<li data-job=${job.id} data-state=${job.state}>
      <span class="tag ${toneOf[job.state] ?? ''}">${job.state}</span>
      <div class="work">
        <p><span class="strong">${job.type}</span> <span class="soft">${text}</span></p>
        ${job.result !== null && job.result !== undefined ? html`<p class="mono small result">${resultText(job.result)}</p>` : nothing}
        ${job.lastError && job.state !== 'completed' ? html`<p class="small out">${job.lastError}</p>` : nothing}
      </div>
      ${this.attempts(job)}
      <span class="small faint num when">${job.dueAt && (job.state === 'delayed') ? `due in ${duration((Date.parse(job.dueAt) - Date.now()) / 1000)}` : ago(job.finishedAt ?? job.enqueuedAt)}</span>
      <span class="again">${job.state === 'failed' && session.person ? html`<button class="button slim" type="button" ?disabled=${this.retrying.busy} @click=${() => this.retry(job)}>Retry</button>` : nothing}</span>
    </li>`;
  }

  private attempts(job: Job) {
    const shown = Math.min(job.maxAttempts, 8);
    return html`<span class="attempts" role="img" aria-label=${`${job.attempt} of ${job.maxAttempts} attempts used`}>${Array.from({ length: shown }, (_none, i) => html`<i class=${i < job.attempt ? (job.state === 'completed' && i === job.attempt - 1 ? 'good' : job.state === 'active' && i === job.attempt - 1 ? 'now' : 'bad') : ''}></i>`)}</span>`;
  }
}

/** A checksum's result as its digest; anything else as it came. */
function resultText(result: unknown): string {
  if (typeof result === 'string') return result;
  const digest = (result as Record<string, unknown>)?.sha256 ?? (result as Record<string, unknown>)?.checksum;
  return typeof digest === 'string' ? digest : JSON.stringify(result);
}
