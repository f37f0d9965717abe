import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { call, get } from '../shared/api';
import { count, exact, lapTime } from '../shared/format';
import { Live } from '../shared/live';
import { Loaded, Page, Sending } from '../shared/page';
import { connection, empty, failed, field, formProblem, inviteToSignIn, loading } from '../shared/parts';
import { navigate } from '../shared/router';
import { Following, session } from '../shared/session';
import type { Board, Items, Standing, Submitted } from '../shared/wire';

const TOP = 20;
const MOVE_MILLIS = 420;

interface Top extends Items<Standing> {
  players: number;
}

const policies = {
  best: { desc: 'Your best score counts; higher is better.', asc: 'Your best time counts; lower is better.' },
  sum: { desc: 'Scores add up; the most wins.', asc: 'Scores add up; the least wins.' },
  last: { desc: 'Your latest score counts; higher is better.', asc: 'Your latest score counts; lower is better.' },
};

@customElement('larder-leaderboard')
export class Leaderboard extends Page {
  private readonly boards = new Loaded<Items<Board>>(this);
  private readonly top = new Loaded<Top>(this);
  private readonly around = new Loaded<Items<Standing>>(this);
  private readonly sending = new Sending(this);
  @state() private submitted: Submitted | null = null;
  private readonly live = new Live(this, () => (this.board ? `/api/leaderboard/boards/${encodeURIComponent(this.board)}/live` : null), (message) => this.hear(message));
  private board = '';
  private aroundTimer = 0;
  private placed = new Map<string, number>();
  private readonly freshUntil = new Map<string, number>();

  constructor() {
    super();
    new Following(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.read);
    window.addEventListener('larder-navigate', this.read);
    session.addEventListener('person', this.readAround);
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.read);
    window.removeEventListener('larder-navigate', this.read);
    session.removeEventListener('person', this.readAround);
    clearTimeout(this.aroundTimer);
  }

  private readonly start = async (): Promise<void> => {
    await this.boards.load((signal) => get('/api/leaderboard/boards', undefined, signal));
    this.read();
  };

  private get chosen(): Board | undefined {
    return this.boards.value?.items.find((one) => one.id === this.board);
  }

  private readonly read = (): void => {
    if (location.pathname !== '/leaderboard' || !this.boards.value) return;
    const asked = new URLSearchParams(location.search).get('board');
    const items = this.boards.value.items;
    const board = items.find((one) => one.id === asked)?.id ?? items[0]?.id ?? '';
    if (board === this.board) return;
    this.board = board;
    this.submitted = null;
    this.sending.problem = null;
    this.placed.clear();
    this.top.set(null);
    this.around.set(null);
    if (board) {
      void this.readTop();
      void this.readAround();
    }
    this.live.restart();
  };

  private readonly readTop = (): Promise<void> =>
    this.top.load((signal) => get(`/api/leaderboard/boards/${encodeURIComponent(this.board)}/top`, { limit: TOP }, signal));

  /** Who stands around the person here. Nobody does until they have a score, which the service says with 404. */
  private readonly readAround = async (): Promise<void> => {
    const person = session.person;
    if (!person || !this.board) {
      this.around.set(null);
      return;
    }
    if (!this.ranked) return;
    await this.around.load((signal) => get(`/api/leaderboard/boards/${encodeURIComponent(this.board)}/around/${person.id}`, { span: 3 }, signal));
  };

  /** Whether the person is known to have a score: seen in the top list, or submitted in this window. */
  private get ranked(): boolean {
    const id = session.person?.id;
    return id !== undefined && (this.submitted?.playerId === id || this.top.value?.items.some((one) => one.playerId === id) === true || sessionStorage.getItem(`larder.ranked.${this.board}`) === id);
  }

  private hear(message: { type: string; items?: Standing[]; players?: number; standing?: Standing }): void {
    if (message.type === 'top' && message.items) {
      this.remember();
      this.top.set({ items: message.items.slice(0, TOP), players: message.players ?? this.top.value?.players ?? 0 });
      clearTimeout(this.aroundTimer);
      this.aroundTimer = window.setTimeout(this.readAround, 400);
    } else if (message.type === 'change' && message.standing) {
      this.freshUntil.set(message.standing.playerId, Date.now() + 2500);
      if (this.freshUntil.size > 200) this.freshUntil.delete(this.freshUntil.keys().next().value!);
      this.requestUpdate();
    }
  }

  /** Where each row is on the screen, to let it glide from there to its new place. */
  private remember(): void {
    this.placed = new Map([...this.querySelectorAll<HTMLElement>('.top-list [data-player]')].map((row) => [row.dataset.player!, row.offsetTop]));
  }

  protected override updated(): void {
    if (this.placed.size === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const before = this.placed;
    this.placed = new Map();
    for (const row of this.querySelectorAll<HTMLElement>('.top-list [data-player]')) {
      const from = before.get(row.dataset.player!);
      const way = from === undefined ? 16 : from - row.offsetTop;
      if (way !== 0) row.animate([{ transform: `translateY(${way}px)`, opacity: from === undefined ? 0 : 1 }, { transform: 'none', opacity: 1 }], { duration: MOVE_MILLIS, easing: 'cubic-bezier(.2,.7,.2,1)' });
    }
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const score = Number(new FormData(form).get('score'));
    const board = this.board;
    await this.sending.run(async () => {
      this.submitted = (await call<Submitted>('POST', `/api/leaderboard/boards/${encodeURIComponent(board)}/scores`, { body: { score, submissionId: crypto.randomUUID() } })).body;
      sessionStorage.setItem(`larder.ranked.${board}`, this.submitted.playerId);
      form.reset();
    });
    if (!this.sending.problem) void this.readAround();
  }

  private score(value: number): string {
    return this.chosen?.order === 'asc' ? lapTime(value) : exact(value);
  }

  override render() {
    const board = this.chosen;
    return html`<div class="page">
      <header class="page-head">
        <div>
          <h1>Leaderboard</h1>
          <p>One sorted set per board. A score is written and ranked in a single step, and every open window sees it.</p>
        </div>
        ${connection(this.live)}
      </header>
      ${this.boards.problem ? failed(this.boards.problem, this.start) : !this.boards.value ? loading('the boards', 8) : this.boards.value.items.length === 0 ? empty('No boards', 'The service has no board yet.') : this.body(board)}
    </div>`;
  }

  private body(board: Board | undefined) {
    return html`
      <div class="board-bar">
        <div class="tabs" role="group" aria-label="Boards">
          ${this.boards.value!.items.map((one) => html`<button type="button" aria-pressed=${one.id === this.board} @click=${() => navigate(`/leaderboard?board=${encodeURIComponent(one.id)}`)}>${one.name}</button>`)}
        </div>
        <p class="small soft">${board ? policies[board.policy]?.[board.order] : ''}</p>
      </div>
      <div class="columns board-columns">
        <section aria-labelledby="top-title">
          <div class="panel-head"><h2 id="top-title">Top ${TOP}</h2><p class="small soft num">${this.top.value ? `${count(this.top.value.players)} players` : ''}</p></div>
          ${this.topList()}
        </section>
        <div class="yours">
          <section class="panel" aria-labelledby="submit-title"><h2 id="submit-title">Your score</h2>${this.form(board)}</section>
          <section class="panel" aria-labelledby="around-title"><h2 id="around-title">Around you</h2>${this.aroundList()}</section>
        </div>
      </div>`;
  }

  private topList() {
    const { value, problem } = this.top;
    if (problem) return failed(problem, this.readTop);
    if (!value) return loading('the standings', 10);
    if (value.items.length === 0) return empty('Nobody is on this board', 'The first score submitted leads it.');
    const best = value.items[0]!.score;
    const last = value.items.at(-1)!.score;
    return html`<ol class="standings top-list">${repeat(value.items, (one) => one.playerId, (one) => this.row(one, best, last))}</ol>`;
  }

  private row(one: Standing, best?: number, last?: number) {
    const mine = one.playerId === session.person?.id;
    const fresh = (this.freshUntil.get(one.playerId) ?? 0) > Date.now();
    const span = best !== undefined && last !== undefined && best !== last ? 18 + 82 * ((one.score - last) / (best - last)) : 100;
    return html`<li data-player=${one.playerId} class="${mine ? 'mine' : ''} ${fresh ? 'fresh' : ''} ${one.rank <= 3 && best !== undefined ? 'podium' : ''}">
      <span class="rank num">${exact(one.rank)}</span>
      <span class="who"><span class="name">${one.name}</span>${mine ? html`<span class="tag mine">you</span>` : nothing}</span>
      ${best === undefined ? nothing : html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width=${span} height="6"></rect></svg>`}
      <span class="score num">${this.score(one.score)}</span>
    </li>`;
  }

  private form(board: Board | undefined) {
    if (!session.person) return inviteToSignIn('Reading is open to all. To be ranked, say who you are.');
    const problem = this.sending.problem;
    const asc = board?.order === 'asc';
    const done = this.submitted;
    return html`<form class="form" @submit=${this.submit}>
        <div class="score-row">
          ${field({ id: 'score', name: 'score', label: asc ? 'Time in milliseconds' : 'Score', type: 'number', step: 1, required: true, placeholder: asc ? '62345' : '1200', problem })}
          <button class="button primary" type="submit" ?disabled=${this.sending.busy}>Submit</button>
        </div>
        ${formProblem(problem, ['score'])}
      </form>
      ${done
        ? html`<div class="outcome" role="status" data-rank=${done.rank}>
            <p class="big num">${exact(done.rank)}<span class="small soft"> of ${exact(done.players)}</span></p>
            <p class="small soft">${this.verdict(done)}</p>
          </div>`
        : nothing}`;
  }

  private verdict(done: Submitted): string {
    if (done.previousRank === null || done.previousRank === undefined) return `You are on the board with ${this.score(done.score)}.`;
    if (done.score === done.previousScore) return `Your earlier ${this.score(done.score)} stays.`;
    const up = done.previousRank - done.rank;
    if (up === 0) return `Still at ${exact(done.rank)}, now with ${this.score(done.score)}.`;
    return `${up > 0 ? 'Up' : 'Down'} from ${exact(done.previousRank)} with ${this.score(done.score)}.`;
  }

  private aroundList() {
    if (!session.person) return html`<p class="small soft">Sign in to see who is just ahead of you and who is catching up.</p>`;
    const { value, problem } = this.around;
    if (problem && problem.status !== 404) return failed(problem, this.readAround);
    if (!value || value.items.length === 0) return html`<p class="small soft">Submit a score first; your neighbours appear here.</p>`;
    return html`<ol class="standings">${repeat(value.items, (one) => one.playerId, (one) => this.row(one))}</ol>`;
  }
}
