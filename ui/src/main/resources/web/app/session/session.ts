import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { ago, duration, moment } from '../shared/format';
import { Page, Sending } from '../shared/page';
import { Seconds, failed, field, formProblem, jar, loading, ring } from '../shared/parts';
import { Following, session } from '../shared/session';

const READ_EVERY_MILLIS = 10_000;

/** The session as the service keeps it: whose it is, how long it has left, and what is written in it. */
@customElement('larder-session')
export class SessionPage extends Page {
  private readonly signing = new Sending(this);
  private readonly leaving = new Sending(this);
  private readonly writing = new Sending(this);
  @state() private editing = '';
  private whole = 0;
  private timer = 0;

  constructor() {
    super();
    new Following(this);
    new Seconds(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void session.load();
    this.timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') void session.load();
    }, READ_EVERY_MILLIS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  private async signIn(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get('displayName') ?? '').trim();
    await this.signing.run(() => session.signIn(name));
  }

  private async write(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const name = String(data.get('name') ?? '').trim();
    if (name && (await this.writing.run(() => session.put({ [name]: String(data.get('value') ?? '') })))) {
      this.editing = '';
      form.reset();
    }
  }

  override render() {
    return html`<div class="page">
      <header class="page-head">
        <div>
          <h1>Session</h1>
          <p>One cookie the page cannot read, one record in the store that every service trusts. Any call keeps it alive; leaving it alone ends it.</p>
        </div>
      </header>
      ${session.body === null ? (session.problem ? failed(session.problem, () => session.load()) : loading('your session', 6)) : session.person ? this.signedIn() : this.signedOut()}
    </div>`;
  }

  private signedOut() {
    const problem = this.signing.problem;
    return html`<div class="columns session-columns">
      <section class="panel" aria-labelledby="in-title">
        <h2 id="in-title">You are not signed in</h2>
        <form class="form" @submit=${this.signIn}>
          ${field({ id: 'session-name', name: 'displayName', label: 'Your name', required: true, maxlength: 40, placeholder: 'Ada', problem, autocomplete: 'nickname', hint: 'No password: the same name is the same person.' })}
          ${formProblem(problem, ['displayName'])}
          <div class="send"><button class="button primary" type="submit" ?disabled=${this.signing.busy}>${this.signing.busy ? 'Signing in' : 'Sign in'}</button></div>
        </form>
      </section>
      <section class="why" aria-labelledby="why-title">
        <h2 id="why-title">What signing in opens</h2>
        <ul>
          <li>${jar('leaderboard', 30)}<span>Being ranked on the <a href="/leaderboard">leaderboard</a></span></li>
          <li>${jar('chat', 30)}<span>Having a say in the <a href="/chat">chat</a></span></li>
          <li>${jar('geo', 30)}<span>Sending a courier across the <a href="/geo">map</a></span></li>
          <li>${jar('queue', 30)}<span>Putting work into a <a href="/queue">queue</a></span></li>
          <li>${jar('catalog', 30)}<span>Changing prices in the <a href="/catalog">catalog</a></span></li>
        </ul>
        <p class="small soft">Reading needs no name anywhere.</p>
      </section>
    </div>`;
  }

  private signedIn() {
    const body = session.body!;
    const person = session.person!;
    const left = session.secondsLeft;
    this.whole = Math.max(this.whole, body.ttlSeconds ?? 0, left);
    return html`<div class="columns session-columns">
      <section class="panel ticket" aria-labelledby="who-title">
        <div class="who">
          <span class="initial big" aria-hidden="true">${[...person.displayName][0]?.toUpperCase()}</span>
          <div><h2 id="who-title" data-figure="person">${person.displayName}</h2><p class="mono small faint">${person.id}</p></div>
        </div>
        <div class="time-left">
          ${ring(left, this.whole, 96)}
          <dl class="figure"><dt>Left before it ends by itself</dt><dd data-figure="ttl">${left > 0 ? duration(left) : 'ended'}</dd></dl>
        </div>
        <dl class="facts">
          <div><dt>Begun</dt><dd>${body.createdAt ? moment(body.createdAt) : '–'}</dd></div>
          <div><dt>Last seen</dt><dd>${body.lastSeenAt ? ago(body.lastSeenAt) : '–'}</dd></div>
          <div><dt>Ends</dt><dd>${body.expiresAt ? moment(body.expiresAt) : '–'}</dd></div>
        </dl>
        ${formProblem(this.leaving.problem)}
        <div class="send">
          <button class="button" type="button" ?disabled=${this.leaving.busy} @click=${() => this.leaving.run(() => session.signOut())}>Sign out</button>
          <button class="button quiet" type="button" @click=${() => session.load()}>Read it again</button>
        </div>
      </section>
      ${this.attributeEditor()}
    </div>`;
  }

  private attributeEditor() {
    const entries = Object.entries(session.body?.attributes ?? {}).sort(([a], [b]) => a.localeCompare(b));
    const problem = this.writing.problem;
    return html`<section class="panel" aria-labelledby="attributes-title">
      <div class="panel-head"><h2 id="attributes-title">Attributes</h2><p class="small soft num">${entries.length} of 32</p></div>
      ${entries.length === 0
        ? html`<p class="small soft">Nothing is written in this session yet. What you add here is gone with it.</p>`
        : html`<table class="table">
            <thead><tr><th scope="col">Name</th><th scope="col">Value</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
            <tbody>${entries.map(([name, value]) => html`<tr data-attribute=${name}>
              <td class="mono">${name}</td><td class="value">${value}</td>
              <td class="right actions"><button class="button slim quiet" type="button" aria-label=${`Change ${name}`} @click=${() => (this.editing = name)}>Change</button><button class="button slim quiet" type="button" aria-label=${`Remove ${name}`} ?disabled=${this.writing.busy} @click=${() => this.writing.run(() => session.put({ [name]: null }))}>Remove</button></td>
            </tr>`)}</tbody>
          </table>`}
      <form class="form attribute-form" @submit=${this.write}>
        ${field({ id: 'attribute-name', name: 'name', label: 'Name', required: true, maxlength: 64, placeholder: 'theme', value: this.editing, problem })}
        ${field({ id: 'attribute-value', name: 'value', label: 'Value', maxlength: 1024, placeholder: 'beetroot', value: this.editing ? (session.body?.attributes?.[this.editing] ?? '') : '', problem })}
        <button class="button primary" type="submit" ?disabled=${this.writing.busy}>${this.editing ? 'Save' : 'Add'}</button>
      </form>
      ${formProblem(problem, ['name', 'value'])}
      ${problem === null ? nothing : problem.violations.map((v) => html`<p class="small out">${v.field}: ${v.message}</p>`)}
    </section>`;
  }
}
