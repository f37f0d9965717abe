import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { get } from '../shared/api';
import '../shared/chart';
import { bytes, count, duration, millis, percent } from '../shared/format';
import { Loaded, Page } from '../shared/page';
import { connection, empty, failed, jar, loading } from '../shared/parts';
import { FollowingSuite, suite } from '../shared/suite';
import type { Component, SuiteStatus } from '../shared/wire';

/** One line per use case: what there is to see. */
const cases = [
  { name: 'catalog', title: 'Catalog', line: 'Products read through a cache, with every answer’s origin in sight.', pattern: 'Lazy loading, write-through' },
  { name: 'leaderboard', title: 'Leaderboard', line: 'A score is ranked in one step and every open window sees the row move.', pattern: 'Rank and neighbours' },
  { name: 'chat', title: 'Chat', line: 'Rooms that carry on where you left off after a lost connection.', pattern: 'Fan-out and resume' },
  { name: 'session', title: 'Session', line: 'Signed in by one cookie, gone the moment it ends or runs out.', pattern: 'Sliding expiry' },
  { name: 'geo', title: 'Geo', line: 'What is near a point among 418 cities, and couriers seen moving.', pattern: 'Radius and box' },
  { name: 'queue', title: 'Queue', line: 'Jobs that wait, run, fail, come back and finish, all in the open.', pattern: 'Leases and retries' },
  { name: 'laboratory', title: 'Laboratory', line: 'One workload, several caching patterns beside each other: what each spares the database, and how stale it gets.', pattern: 'Caching patterns, measured' },
];

@customElement('larder-home')
export class Home extends Page {
  private readonly first = new Loaded<SuiteStatus>(this);

  constructor() {
    super();
    new FollowingSuite(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!suite.status) this.read();
  }

  private read = (): void => {
    void this.first.load((signal) => get<SuiteStatus>('/api/suite/status', undefined, signal));
  };

  override render() {
    const status = suite.status ?? this.first.value;
    return html`<div class="page">
      <header class="hero">
        <h1>Keep it within reach.</h1>
        <p>Larder is an in-memory store for the JVM that speaks the Redis protocol, and the services that show what one is for. Everything below is running now.</p>
      </header>
      ${status ? this.figures(status) : nothing}
      ${!status && this.first.problem ? failed(this.first.problem, this.read) : nothing}
      ${!status && !this.first.problem ? loading('the store’s figures', 6) : nothing}
      <section aria-labelledby="shelf-title">
        <h2 id="shelf-title">On the shelf</h2>
        <ul class="shelf">${cases.map((one) => this.card(one, status))}</ul>
      </section>
      ${status ? this.health(status) : nothing}
    </div>`;
  }

  private figures(status: SuiteStatus) {
    const store = status.store;
    if (!store) return empty('The store is away', 'Its figures come back by themselves as soon as it answers.');
    const f = suite.figures;
    const chart = (label: string, values: (number | null)[], show: (v: number) => string, ends: [number, number] | null = null, base = 1) =>
      html`<larder-chart label=${label} .at=${f.at} .values=${values} .turn=${f.at.at(-1)} .show=${show} .ends=${ends} .base=${base}></larder-chart>`;
    return html`<section class="store" aria-labelledby="store-title">
      <div class="panel-head">
        <h2 id="store-title">The store, second by second</h2>
        <p class="small soft">${[store.version, store.mode, `up ${duration(store.uptimeSeconds)}`, `${count(store.connectedClients)} clients`].filter(Boolean).join(' · ')}</p>
        ${suite.live ? connection(suite.live) : nothing}
      </div>
      <div class="store-figures">
        <div class="lead">
          <dl class="figure"><dt>Commands per second</dt><dd data-figure="ops">${count(store.opsPerSecond)}</dd></dl>
          ${chart('Commands per second over the last three minutes', f.opsPerSecond, compact)}
        </div>
        <div>
          <dl class="figure"><dt>Hit ratio</dt><dd>${percent(store.hitRatio)}</dd></dl>
          ${chart('Hit ratio over the last three minutes', f.hitRatio, (v) => `${Math.round(v * 100)} %`, [0, 1])}
        </div>
        <div>
          <dl class="figure"><dt>Keys</dt><dd>${count(store.keys)}</dd></dl>
          ${chart('Keys over the last three minutes', f.keys, compact)}
        </div>
        <div>
          <dl class="figure"><dt>Memory</dt><dd>${bytes(store.usedMemoryBytes)}</dd></dl>
          ${chart('Memory over the last three minutes', f.usedMemoryBytes, (v) => (v === 0 ? '0' : bytes(v).replace(/\.0/, '')), null, 2 ** 20)}
        </div>
      </div>
    </section>`;
  }

  private card(one: (typeof cases)[number], status: SuiteStatus | null) {
    const part = status?.components.find((component) => component.name === one.name || component.name === `${one.name}-service`);
    return html`<li>
      <a href=${`/${one.name}`}>
        ${jar(one.name, 60)}
        <h3>${one.title}</h3>
        <p>${one.line}</p>
        <span class="pattern">${one.pattern}</span>
        ${part && !part.up ? html`<span class="tag wrong">away</span>` : nothing}
      </a>
    </li>`;
  }

  private health(status: SuiteStatus) {
    const up = status.components.filter((part) => part.up).length;
    return html`<section class="health" aria-labelledby="health-title">
      <div class="panel-head">
        <h2 id="health-title">Components</h2>
        <p class="small soft"><span class="num">${up} of ${status.components.length}</span> up</p>
      </div>
      ${status.components.length === 0
        ? empty('No components yet', 'They appear here as they start.')
        : html`<ul class="parts">${status.components.map((part) => this.row(part))}</ul>`}
    </section>`;
  }

  private row(part: Component) {
    return html`<li>
      <span class="link-state ${part.up ? 'open' : 'closed'}"><span class="visually-hidden">${part.up ? 'up' : 'away'}: </span><b>${part.name}</b></span>
      <span class="faint small kind">${part.kind}</span>
      <span class="mono small soft address">${part.address}</span>
      <span class="small soft since">${part.up ? (part.since ? `up ${duration((Date.now() - Date.parse(part.since)) / 1000)}` : '') : (part.detail ?? 'does not answer')}</span>
      <span class="num small right">${part.up && part.latencyMillis !== null ? millis(part.latencyMillis) : '–'}</span>
      ${part.kind === 'service'
        ? html`<a class="small" href=${`/services/${part.name.replace(/-service$/, '')}/q/swagger-ui/`} target="_blank" rel="noopener" aria-label=${`API of ${part.name}, in a new tab`}>API</a>`
        : html`<span></span>`}
    </li>`;
  }
}

const compact = (value: number): string => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
