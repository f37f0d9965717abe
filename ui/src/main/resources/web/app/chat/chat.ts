import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { get } from '../shared/api';
import { ago, count, time } from '../shared/format';
import { Live } from '../shared/live';
import { Loaded, Page } from '../shared/page';
import { connection, empty, failed, inviteToSignIn, loading } from '../shared/parts';
import { navigate } from '../shared/router';
import { Following, session } from '../shared/session';
import type { ChatMessage, Items, Person, Room } from '../shared/wire';

const KEPT_MESSAGES = 500;
const LONGEST_TEXT = 2000;
const TYPING_SHOWN_MILLIS = 4000;
const TYPING_SENT_EVERY_MILLIS = 2000;
const UNANSWERED_AFTER_MILLIS = 8000;

interface Mine {
  clientId: string;
  text: string;
  at: number;
  wrong: string | null;
}

type Heard =
  | { type: 'welcome'; resumed: boolean; you: Person | null }
  | { type: 'history'; items: ChatMessage[] }
  | ({ type: 'message' } & ChatMessage)
  | { type: 'presence'; members: Person[]; count: number }
  | { type: 'typing'; author: Person }
  | { type: 'error'; problem: { title: string; detail?: string }; clientId?: string };

/** A room: its messages in the order of their ids, whoever is in it, and what is still on its way. */
@customElement('larder-chat')
export class Chat extends Page {
  private readonly rooms = new Loaded<Items<Room>>(this);
  @state() private messages: ChatMessage[] | null = null;
  @state() private unsent: Mine[] = [];
  @state() private members: Person[] = [];
  @state() private present = 0;
  @state() private note = '';
  private room = '';
  private lastId: string | number | null = null;
  private readonly typing = new Map<string, { author: Person; until: number }>();
  private typingSentAt = 0;
  private timer = 0;
  private atEnd = true;
  /** The connection was lost since the last welcome. */
  private lost = false;
  private readonly live = new Live(
    this,
    () => (this.room ? `/api/chat/rooms/${encodeURIComponent(this.room)}/socket${this.lastId === null ? '' : `?since=${encodeURIComponent(String(this.lastId))}`}` : null),
    (message) => this.hear(message),
    { asPerson: true },
  );

  constructor() {
    super();
    new Following(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.read);
    window.addEventListener('larder-navigate', this.read);
    this.timer = window.setInterval(this.tick, 1000);
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.read);
    window.removeEventListener('larder-navigate', this.read);
    clearInterval(this.timer);
  }

  private readonly start = async (): Promise<void> => {
    await this.rooms.load((signal) => get('/api/chat/rooms', undefined, signal));
    this.read();
  };

  private readonly read = (): void => {
    if (location.pathname !== '/chat' || !this.rooms.value) return;
    const asked = new URLSearchParams(location.search).get('room');
    const items = this.rooms.value.items;
    const room = items.find((one) => one.id === asked)?.id ?? items[0]?.id ?? '';
    if (room === this.room) return;
    this.room = room;
    this.messages = null;
    this.unsent = [];
    this.members = [];
    this.present = 0;
    this.note = '';
    this.lastId = null;
    this.typing.clear();
    this.atEnd = true;
    this.live.restart();
  };

  private hear(message: Heard): void {
    switch (message.type) {
      case 'welcome':
        this.note = this.lastId === null || !this.lost ? '' : message.resumed ? 'Connected again. You continue from the last message you saw.' : 'Connected again. Some messages in between are older than what the room keeps at hand.';
        this.lost = false;
        break;
      case 'history':
        this.add(message.items);
        break;
      case 'message':
        this.typing.delete(message.author.id);
        this.add([message]);
        this.note = '';
        break;
      case 'presence':
        this.members = message.members;
        this.present = message.count;
        break;
      case 'typing':
        if (message.author.id !== session.person?.id && this.typing.size < 50) {
          this.typing.set(message.author.id, { author: message.author, until: Date.now() + TYPING_SHOWN_MILLIS });
          this.requestUpdate();
        }
        break;
      case 'error':
        if (message.clientId) this.unsent = this.unsent.map((mine) => (mine.clientId === message.clientId ? { ...mine, wrong: message.problem.detail || message.problem.title } : mine));
        else this.note = message.problem.detail || message.problem.title;
        break;
    }
  }

  private add(items: ChatMessage[]): void {
    const known = new Set((this.messages ?? []).map((message) => String(message.id)));
    const fresh = items.filter((message) => !known.has(String(message.id)));
    this.messages = [...(this.messages ?? []), ...fresh].slice(-KEPT_MESSAGES);
    const last = this.messages.at(-1);
    if (last) this.lastId = last.id;
    const arrived = new Set(fresh.map((message) => message.clientId).filter(Boolean));
    if (arrived.size > 0) this.unsent = this.unsent.filter((mine) => !arrived.has(mine.clientId));
  }

  private readonly tick = (): void => {
    const now = Date.now();
    for (const [id, one] of this.typing) if (one.until < now) this.typing.delete(id);
    this.unsent = this.unsent.map((mine) => (mine.wrong === null && now - mine.at > UNANSWERED_AFTER_MILLIS ? { ...mine, wrong: 'Not confirmed yet' } : mine));
  };

  private say(event: Event): void {
    event.preventDefault();
    const input = this.querySelector<HTMLTextAreaElement>('#say')!;
    const text = input.value.trim();
    if (text === '') return;
    const mine: Mine = { clientId: crypto.randomUUID(), text, at: Date.now(), wrong: null };
    if (!this.live.send({ type: 'say', text, clientId: mine.clientId })) mine.wrong = 'Not sent: no connection';
    this.unsent = [...this.unsent, mine].slice(-20);
    this.atEnd = true;
    input.value = '';
    this.grow(input);
    input.focus();
  }

  private again(mine: Mine): void {
    const sent = this.live.send({ type: 'say', text: mine.text, clientId: mine.clientId });
    this.unsent = this.unsent.map((one) => (one === mine ? { ...mine, at: Date.now(), wrong: sent ? null : 'Not sent: no connection' } : one));
  }

  private typed(event: Event): void {
    this.grow(event.target as HTMLTextAreaElement);
    if (Date.now() - this.typingSentAt < TYPING_SENT_EVERY_MILLIS) return;
    this.typingSentAt = Date.now();
    this.live.send({ type: 'typing' });
  }

  private grow(input: HTMLTextAreaElement): void {
    input.rows = Math.min(6, input.value.split('\n').length);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.say(event);
  }

  private scrolled(event: Event): void {
    const log = event.target as HTMLElement;
    this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  }

  protected override updated(): void {
    this.lost ||= this.live.state === 'waiting';
    const log = this.querySelector<HTMLElement>('.log');
    if (log && this.atEnd) log.scrollTop = log.scrollHeight;
  }

  override render() {
    return html`<div class="page">
      <header class="page-head">
        <div>
          <h1>Chat</h1>
          <p>Every message has a place in its room’s order. Lose the connection, come back, and you continue from the last one you saw.</p>
        </div>
        ${connection(this.live)}
      </header>
      ${this.rooms.problem ? failed(this.rooms.problem, this.start) : !this.rooms.value ? loading('the rooms', 8) : this.rooms.value.items.length === 0 ? empty('No rooms', 'The service has no room yet.') : this.body()}
    </div>`;
  }

  private body() {
    const room = this.rooms.value!.items.find((one) => one.id === this.room);
    return html`<div class="columns chat-columns">
      <nav class="rooms" aria-label="Rooms">
        <h2>Rooms</h2>
        <ul>${this.rooms.value!.items.map((one) => html`<li><button type="button" aria-current=${one.id === this.room ? 'true' : nothing} @click=${() => navigate(`/chat?room=${encodeURIComponent(one.id)}`)}>
          <span class="name">${one.name}</span><span class="small faint">${one.lastMessageAt ? ago(one.lastMessageAt) : 'quiet so far'}</span></button></li>`)}</ul>
      </nav>
      <section class="talk" aria-label=${room ? `Room ${room.name}` : 'Room'}>
        <div class="log" role="log" aria-label="Messages" tabindex="0" @scroll=${this.scrolled}>${this.log()}</div>
        <p class="typing small soft" aria-live="polite">${this.typingLine()}</p>
        ${this.compose(room)}
      </section>
      <aside class="present" aria-label="Who is here">
        <h2>Here now <span class="num faint" data-figure="present">${count(this.present)}</span></h2>
        ${this.members.length === 0
          ? html`<p class="small soft">${this.present > 0 ? 'Readers who have not signed in.' : 'Nobody who is signed in.'}</p>`
          : html`<ul>${repeat(this.members, (one) => one.id, (one) => html`<li><span class="initial small" aria-hidden="true">${[...one.displayName][0]?.toUpperCase()}</span><span>${one.displayName}${one.id === session.person?.id ? html` <span class="faint">(you)</span>` : nothing}</span></li>`)}</ul>`}
      </aside>
    </div>`;
  }

  private log() {
    if (this.messages === null) {
      return this.live.state === 'waiting' ? empty('The room does not answer', 'It is being tried again; the messages appear by themselves.') : loading('the messages', 7);
    }
    if (this.messages.length === 0 && this.unsent.length === 0) return empty('Nobody has said anything', 'The first message starts the room’s history.');
    return html`
      <ol>
        ${repeat(this.messages, (one) => one.id, (one, i) => this.message(one, this.messages![i - 1]))}
        ${repeat(this.unsent, (mine) => mine.clientId, (mine) => html`<li class="message mine unsent"><div class="bubble">${mine.text}</div>
          <p class="state small">${mine.wrong === null ? html`<span class="faint">Sending</span>` : html`<span class="out">${mine.wrong}.</span> <button class="as-link" type="button" @click=${() => this.again(mine)}>Send again</button>`}</p></li>`)}
      </ol>
      ${this.note ? html`<p class="notice" role="status">${this.note}</p>` : nothing}`;
  }

  private message(one: ChatMessage, before: ChatMessage | undefined) {
    const mine = one.author.id === session.person?.id;
    const follows = before?.author.id === one.author.id && Date.parse(one.at) - Date.parse(before.at) < 300_000;
    return html`<li class="message ${mine ? 'mine' : ''} ${follows ? 'follows' : ''}" data-message=${one.id}>
      ${follows ? nothing : html`<p class="by small"><span class="strong">${mine ? 'You' : one.author.displayName}</span> <time class="faint" datetime=${one.at}>${time(one.at)}</time></p>`}
      <div class="bubble">${one.text}</div>
    </li>`;
  }

  private typingLine() {
    const names = [...this.typing.values()].map((one) => one.author.displayName);
    if (names.length === 0) return '';
    return names.length === 1 ? `${names[0]} is typing` : names.length === 2 ? `${names[0]} and ${names[1]} are typing` : `${names.length} people are typing`;
  }

  private compose(room: Room | undefined) {
    if (!session.person) return inviteToSignIn('You are reading along. To say something, give a name.');
    return html`<form class="compose" @submit=${this.say}>
      <label class="visually-hidden" for="say">Message to ${room?.name ?? 'the room'}</label>
      <textarea class="input" id="say" rows="1" maxlength=${LONGEST_TEXT} placeholder=${`Message to ${room?.name ?? 'the room'}`} @input=${this.typed} @keydown=${this.key}></textarea>
      <button class="button primary" type="submit">Send</button>
    </form>`;
  }
}
