import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { unsafeStatic, html as staticHtml } from 'lit/static-html.js';
import { Page, Sending } from './page';
import { connection, field, formProblem, jar } from './parts';
import { followLinks, routeOf, routes, type Route } from './router';
import { Following, session } from './session';
import { FollowingSuite, suite } from './suite';
import { count, percent } from './format';

type Theme = 'light' | 'dark';

/** The frame around every page: navigation, who is signed in, the suite's pulse. */
@customElement('larder-app')
export class Shell extends Page {
  @state() private route: Route | undefined;
  @state() private ready = '';
  @state() private broken = false;
  @state() private theme: Theme = startTheme();
  private readonly signing = new Sending(this);

  constructor() {
    super();
    new Following(this);
    suite.open(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.dataset.theme = this.theme;
    document.addEventListener('click', followLinks);
    window.addEventListener('popstate', this.go);
    window.addEventListener('larder-navigate', this.go);
    session.addEventListener('invite', this.invite);
    void session.load();
    void this.go();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('click', followLinks);
    window.removeEventListener('popstate', this.go);
    window.removeEventListener('larder-navigate', this.go);
    session.removeEventListener('invite', this.invite);
  }

  private readonly go = async (): Promise<void> => {
    const route = routeOf(location.pathname);
    const moved = this.route !== undefined && this.route !== route;
    this.route = route;
    this.broken = false;
    document.title = route ? (route.path === '/' ? 'Larder' : `${route.title} · Larder`) : 'Not here · Larder';
    if (!route) return;
    try {
      await route.load();
      this.ready = route.tag;
    } catch {
      this.broken = true;
    }
    if (moved) {
      window.scrollTo(0, 0);
      await this.updateComplete;
      this.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
    }
  };

  private readonly invite = (): void => {
    this.signing.problem = null;
    this.requestUpdate();
    this.querySelector<HTMLDialogElement>('dialog.sheet')?.showModal();
  };

  private async signIn(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get('displayName') ?? '').trim();
    if (await this.signing.run(() => session.signIn(name))) {
      form.reset();
      this.querySelector<HTMLDialogElement>('dialog.sheet')?.close();
    }
  }

  private turn(): void {
    this.theme = this.theme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = this.theme;
    localStorage.setItem('larder.theme', this.theme);
    window.dispatchEvent(new Event('larder-theme'));
  }

  override render() {
    return html`
      <a class="skip" href="#main" @click=${this.skip}>Skip to content</a>
      <header class="shell-top">
        <a class="brand" href="/" aria-label="Larder, home">${brand()}<span>Larder</span></a>
        <div class="shell-tools">
          <button class="button quiet slim theme" type="button" @click=${this.turn}
            aria-label=${this.theme === 'dark' ? 'Use light colours' : 'Use dark colours'}>${themeSign(this.theme)}</button>
          ${this.who()}
        </div>
      </header>
      <nav class="shell-nav" aria-label="Pages">
        <ul>
          ${routes.map(
            (route) => html`<li class=${route.path === '/session' ? 'wide-only' : ''}>
              <a href=${route.path} aria-current=${this.route === route ? 'page' : nothing}>
                ${jar(route.tag.slice('larder-'.length), 22)}
                <span class="long">${route.title}</span><span class="short">${route.short}</span>
              </a>
            </li>`,
          )}
        </ul>
        <larder-pulse></larder-pulse>
      </nav>
      <main id="main" tabindex="-1">${this.page()}</main>
      ${this.sheet()}
    `;
  }

  private page() {
    const route = this.route;
    if (this.broken) {
      return html`<div class="page"><div class="blank" role="alert"><h1>This page did not arrive</h1>
        <p>The connection to Larder was lost while it was being fetched.</p>
        <button class="button" type="button" @click=${() => location.reload()}>Load it again</button></div></div>`;
    }
    if (!route) {
      return html`<div class="page"><div class="blank"><h1>Nothing on this shelf</h1>
        <p>There is no page at ${location.pathname}.</p><a class="button" href="/">Go home</a></div></div>`;
    }
    if (this.ready !== route.tag) return html`<div class="wait-lines page-wait" role="status" aria-label="Loading the page"><i></i><i></i><i></i></div>`;
    const tag = unsafeStatic(route.tag);
    return staticHtml`<${tag}></${tag}>`;
  }

  private who() {
    const person = session.person;
    if (person) {
      return html`<a class="person" href="/session" aria-label=${`Signed in as ${person.displayName}: your session`}>
        <span class="initial" aria-hidden="true">${[...person.displayName][0]?.toUpperCase()}</span><span class="name">${person.displayName}</span></a>`;
    }
    return html`<button class="button primary slim" type="button" ?disabled=${session.body === null && session.problem === null} @click=${() => session.invite()}>Sign in</button>`;
  }

  private sheet() {
    const problem = this.signing.problem;
    return html`<dialog class="sheet" aria-labelledby="sign-in-title">
      <form class="form" @submit=${this.signIn}>
        <div>
          <h2 id="sign-in-title">Sign in</h2>
          <p class="soft small">A name is enough. There are no passwords in this demo; the same name is the same person.</p>
        </div>
        ${field({ id: 'sign-in-name', name: 'displayName', label: 'Your name', required: true, maxlength: 40, placeholder: 'Ada', problem, autocomplete: 'nickname' })}
        ${formProblem(problem, ['displayName'])}
        <div class="send">
          <button class="button primary" type="submit" ?disabled=${this.signing.busy}>${this.signing.busy ? 'Signing in' : 'Sign in'}</button>
          <button class="button quiet" type="button" @click=${() => this.querySelector<HTMLDialogElement>('dialog.sheet')?.close()}>Not now</button>
        </div>
      </form>
    </dialog>`;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>('#main')?.focus();
  }
}

/** The store's pulse at the foot of the navigation: there on every page. */
@customElement('larder-pulse')
export class Pulse extends Page {
  constructor() {
    super();
    new FollowingSuite(this);
  }

  override render() {
    const store = suite.status?.store;
    const parts = suite.status?.components ?? [];
    const down = parts.filter((part) => !part.up);
    return html`
      <p class="pulse-head">Store</p>
      <dl>
        <div><dt>Commands</dt><dd>${store ? `${count(store.opsPerSecond)}/s` : '–'}</dd></div>
        <div><dt>Hit ratio</dt><dd>${percent(store?.hitRatio)}</dd></div>
        <div><dt>Keys</dt><dd>${store ? count(store.keys) : '–'}</dd></div>
      </dl>
      ${suite.live && suite.live.state !== 'open'
        ? connection(suite.live)
        : html`<span class="link-state ${down.length === 0 ? 'open' : 'closed'}">${parts.length === 0 ? 'Reading' : down.length === 0 ? 'All components up' : `${down.map((part) => part.name).join(', ')} away`}</span>`}
    `;
  }
}

const brand = () => html`<svg width="28" height="32" viewBox="0 0 28 32" aria-hidden="true"><rect class="lid" x="5" y="1" width="18" height="5" rx="1.500"></rect><path class="body" d="M3 10a2 2 0 0 1 2-2h18a2 2 0 0 1 2 2v17a4 4 0 0 1-4 4H7a4 4 0 0 1-4-4z"></path><rect class="label" x="7" y="15" width="14" height="9" rx="1"></rect></svg>`;

const themeSign = (theme: Theme) =>
  theme === 'dark'
    ? html`<svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linecap="round" aria-hidden="true"><circle cx="9" cy="9" r="3.200"></circle><path d="M9 1.500v1.700M9 14.800v1.700M1.500 9h1.700M14.800 9h1.700M3.700 3.700l1.200 1.200M13.100 13.100l1.200 1.200M3.700 14.300l1.200-1.200M13.100 4.900l1.200-1.200"></path></svg>`
    : html`<svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linejoin="round" aria-hidden="true"><path d="M15 10.800A6.500 6.500 0 0 1 7.200 3a6.500 6.500 0 1 0 7.800 7.800z"></path></svg>`;

function startTheme(): Theme {
  const kept = localStorage.getItem('larder.theme');
  if (kept === 'light' || kept === 'dark') return kept;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
