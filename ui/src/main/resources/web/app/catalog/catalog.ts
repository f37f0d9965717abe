import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { call, get, type Answer } from '../shared/api';
import { ago, count, exact, millis, money, percent } from '../shared/format';
import { Loaded, Page, Sending } from '../shared/page';
import { empty, failed, field, formProblem, inviteToSignIn, loading } from '../shared/parts';
import { navigate } from '../shared/router';
import { Following, session } from '../shared/session';
import type { CacheStats, Category, Facets, Items, Product, ProductDetail } from '../shared/wire';
import './meter';
import { originOf, type Origin } from './origin';

const PAGE_SIZE = 24;
const SEARCH_PAUSE_MILLIS = 250;
const KEPT_ANSWERS = 32;

interface Found extends Items<Product> {
  total: number;
  offset: number;
  facets: Facets;
  alsoBought: Product[];
}

/** What a search may be narrowed by; each is a name in the address. */
type Choice = 'q' | 'category' | 'minPrice' | 'maxPrice' | 'minRating' | 'inStock' | 'offset' | 'product';

/** Products read through the cache. What is chosen lives in the address, so that a view can be shared and gone back to. */
@customElement('larder-catalog')
export class Catalog extends Page {
  private readonly categories = new Loaded<Items<Category>>(this);
  private readonly found = new Loaded<Found>(this);
  private readonly detail = new Loaded<ProductDetail>(this);
  private readonly stats = new Loaded<CacheStats>(this);
  private readonly saving = new Sending(this);
  private readonly flushing = new Sending(this);
  @state() private answers: Origin[] = [];
  @state() private searched: Origin | null = null;
  @state() private editing = false;
  @state() private saved = false;
  private searchTimer = 0;
  private statsTimer = 0;
  private shown = '';

  constructor() {
    super();
    new Following(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.read);
    window.addEventListener('larder-navigate', this.read);
    void this.categories.load((signal) => get('/api/catalog/categories', undefined, signal));
    void this.readStats();
    this.statsTimer = window.setInterval(() => void this.readStats(), 5000);
    this.read();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.read);
    window.removeEventListener('larder-navigate', this.read);
    clearInterval(this.statsTimer);
    clearTimeout(this.searchTimer);
  }

  private get chosen() {
    const query = new URLSearchParams(location.search);
    const text = (name: Choice) => query.get(name) ?? '';
    return {
      q: text('q'),
      category: text('category'),
      minPrice: text('minPrice'),
      maxPrice: text('maxPrice'),
      minRating: text('minRating'),
      inStock: text('inStock'),
      offset: Math.max(0, Number(text('offset')) || 0),
      product: text('product'),
    };
  }

  private choose(change: Partial<Record<Choice, string | number>>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(change)) value ? query.set(name, String(value)) : query.delete(name);
    navigate('/catalog' + (query.size > 0 ? `?${query}` : ''));
  }

  private readonly read = (): void => {
    if (location.pathname !== '/catalog') return;
    const { product, ...search } = this.chosen;
    const list = Object.values(search).join('\n');
    if (list !== this.shown) {
      this.shown = list;
      void this.find();
    }
    if (product === '') {
      this.detail.set(null);
      this.answers = [];
    } else if (String(this.detail.value?.id ?? '') !== product || this.detail.problem) {
      this.editing = this.saved = false;
      this.detail.set(null);
      this.answers = [];
      void this.ask();
    }
    this.requestUpdate();
  };

  /** Searches by what is chosen and notes where the answer came from. */
  private find(): Promise<void> {
    const { product: _product, ...search } = this.chosen;
    return this.found.load(async (signal) => {
      const answer: Answer<Found> = await call('GET', '/api/catalog/search', { query: { ...search, limit: PAGE_SIZE }, signal });
      this.searched = originOf(answer);
      return answer.body;
    });
  }

  /** Reads the chosen product and notes where the answer came from. */
  private readonly ask = async (): Promise<void> => {
    const id = this.chosen.product;
    await this.detail.load(async (signal) => {
      const answer: Answer<ProductDetail> = await call('GET', `/api/catalog/products/${encodeURIComponent(id)}`, { signal });
      this.answers = [...this.answers, originOf(answer)].slice(-KEPT_ANSWERS);
      return answer.body;
    });
    void this.readStats();
  };

  private readStats = (): Promise<void> => this.stats.load((signal) => get('/api/catalog/cache/stats', undefined, signal));

  private search(event: Event): void {
    const q = (event.target as HTMLInputElement).value.trim();
    clearTimeout(this.searchTimer);
    this.searchTimer = window.setTimeout(() => this.choose({ q, offset: 0 }), SEARCH_PAUSE_MILLIS);
  }

  private async flush(what: 'one' | 'all'): Promise<void> {
    const path = what === 'all' ? '/api/catalog/cache' : `/api/catalog/cache/products/${encodeURIComponent(this.chosen.product)}`;
    if (await this.flushing.run(() => call('DELETE', path))) void this.readStats();
  }

  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const before = this.detail.value;
    if (!before) return;
    const form = new FormData(event.target as HTMLFormElement);
    const done = await this.saving.run(async () => {
      const body = {
        name: before.name,
        description: before.description,
        priceCents: Math.round(Number(form.get('priceCents')) * 100),
        stock: Number(form.get('stock')),
        version: before.version,
      };
      await call('PUT', `/api/catalog/products/${encodeURIComponent(String(before.id))}`, { body });
      await Promise.all([this.ask(), this.find()]);
    });
    this.saved = done;
    if (done) this.editing = false;
  }

  override render() {
    const { product } = this.chosen;
    return html`<div class="page ${product ? 'with-detail' : ''}">
      <header class="page-head">
        <div>
          <h1>Catalog</h1>
          <p>Each product is read from PostgreSQL once and from the store after that. Open one, then read it again.</p>
        </div>
        ${this.ratio()}
      </header>
      <div class="columns catalog-columns">
        <section class="browse" aria-label="Products">
          ${this.filters()} ${this.list()}
        </section>
        <aside class="chosen" aria-label="Chosen product">${product ? this.product() : this.nothingChosen()}</aside>
      </div>
    </div>`;
  }

  private ratio() {
    const stats = this.stats.value;
    const all = stats ? stats.hits + stats.misses : 0;
    return html`<div class="ratio">
      <dl class="figure"><dt>Answered without PostgreSQL</dt><dd data-figure="ratio">${stats ? percent(stats.hitRatio) : '–'}</dd></dl>
      <dl class="figure"><dt>Hot and warm</dt><dd class="hit">${stats ? `${count(this.sum('hot'))} + ${count(this.sum('warm'))}` : '–'}</dd></dl>
      <dl class="figure"><dt>Cold</dt><dd class="miss">${stats ? count(stats.misses) : '–'}</dd></dl>
      <dl class="figure"><dt>Kept now</dt><dd>${stats && stats.entries !== null ? count(stats.entries) : '–'}</dd></dl>
      <svg class="ratio-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="miss" width=${all > 0 ? 100 : 0} height="4"></rect><rect class="hit" width=${all > 0 ? (stats!.hits / all) * 100 : 0} height="4"></rect>
      </svg>
    </div>`;
  }

  private sum(tier: 'hot' | 'warm'): number {
    return (this.stats.value?.caches ?? []).reduce((all, one) => all + one[tier], 0);
  }

  private filters() {
    const { q, category } = this.chosen;
    const categories = this.categories.value?.items ?? [];
    return html`<div class="filters">
      <div class="field search">
        <label for="catalog-search" class="visually-hidden">Search products</label>
        <input class="input" id="catalog-search" type="search" placeholder="Search products" maxlength="80" .value=${q} @input=${this.search}>
      </div>
      <div class="field">
        <label for="catalog-category" class="visually-hidden">Category</label>
        <select class="input" id="catalog-category" @change=${(e: Event) => this.choose({ category: (e.target as HTMLSelectElement).value, offset: 0 })}>
          <option value="" ?selected=${category === ''}>All categories</option>
          ${categories.map((one) => html`<option value=${one.id} ?selected=${category === String(one.id)}>${one.name} (${one.products})</option>`)}
        </select>
      </div>
      ${this.facets()}
    </div>`;
  }

  /** Counts of what each choice would find, as buttons that are pressed while it is made. */
  private facets() {
    const facets = this.found.value?.facets;
    if (!facets) return nothing;
    const { minPrice, maxPrice, minRating, inStock } = this.chosen;
    const facet = (label: string, number: number, on: boolean, choice: Partial<Record<Choice, string | number>>) =>
      html`<button class="facet" type="button" aria-pressed=${on} ?disabled=${number === 0 && !on} @click=${() => this.choose({ ...choice, offset: 0 })}>${label} <span class="num faint">${count(number)}</span></button>`;
    const euros = (cents: number) => exact(Math.round(cents / 100));
    return html`<div class="facets" role="group" aria-label="Narrow the search">
      ${facets.prices.map((band) => {
        const on = minPrice === String(band.minCents) && maxPrice === String(band.maxCents ?? '');
        return facet(
          band.maxCents === null ? `€ ${euros(band.minCents)} and more` : `€ ${euros(band.minCents)}–${euros(band.maxCents + 1)}`,
          band.count,
          on,
          on ? { minPrice: '', maxPrice: '' } : { minPrice: String(band.minCents), maxPrice: String(band.maxCents ?? '') },
        );
      })}
      ${facets.ratings.filter((one) => one.atLeast >= 3).map((one) => {
        const on = minRating === String(one.atLeast);
        return facet(`★ ${one.atLeast} and up`, one.count, on, { minRating: on ? '' : one.atLeast });
      })}
      ${facet('In stock', facets.inStock, inStock === 'true', { inStock: inStock === 'true' ? '' : 'true' })}
    </div>`;
  }

  /** One line on where the list came from. */
  private source() {
    const from = this.searched;
    if (!from) return nothing;
    const who = from.tier === 'hot' ? 'Hot: the service had this search in its own memory' : from.tier === 'warm' ? 'Warm: the store had this search' : 'Cold: PostgreSQL was asked';
    const kept = from.ttl === null ? '' : from.stale ? ', past its time and being renewed' : `, ${from.age} s old, ${from.ttl} s to live`;
    return html`<p class="small soft num source ${from.hit ? 'hit' : 'miss'}" data-tier=${from.tier} role="status"><b>${who.slice(0, who.indexOf(':'))}</b>${who.slice(who.indexOf(':'))}${from.hit ? kept : ''} · ${millis(from.millis)}</p>`;
  }

  private alsoBought(products: Product[]) {
    return products.length === 0
      ? nothing
      : html`<section class="also" aria-label="Also bought"><h2>Also bought with these</h2>
          <ul>${products.map((item) => html`<li><a href=${this.linkTo(item)}><span class="name">${item.name}</span> <span class="num soft">${money(item.priceCents, item.currency)}</span></a></li>`)}</ul></section>`;
  }

  private list() {
    const { value, problem, busy } = this.found;
    if (problem) return failed(problem, () => { this.shown = ''; this.read(); });
    if (!value) return loading('products', 8);
    if (value.items.length === 0) {
      const { product: _product, offset: _offset, ...narrowed } = this.chosen;
      return Object.values(narrowed).some((one) => one !== '')
        ? empty('Nothing matches', 'Try fewer letters, or fewer choices.', html`<button class="button" type="button" @click=${() => this.choose({ q: '', category: '', minPrice: '', maxPrice: '', minRating: '', inStock: '', offset: 0 })}>Show everything</button>`)
        : empty('The shelves are empty', 'Products appear here once they are loaded through the batch door.');
    }
    const { product, offset } = this.chosen;
    return html`
      ${this.source()}
      <ul class="goods ${busy ? 'stale' : ''}" aria-busy=${busy}>
        ${value.items.map((item) => html`<li>
          <a href=${this.linkTo(item)} aria-current=${product === String(item.id) ? 'true' : nothing} data-product=${item.id}>
            <span class="what"><span class="name">${item.name}</span><span class="small faint">${this.shelf(item)}</span></span>
            <span class="rating small soft num">${item.reviewCount > 0 && item.rating !== null ? html`<span aria-label=${`${item.rating.toFixed(1)} of 5 stars`}>★ ${item.rating.toFixed(1)}</span> <span class="faint">(${item.reviewCount})</span>` : html`<span class="faint">No reviews</span>`}</span>
            <span class="stock small num ${item.stock === 0 ? 'out' : 'soft'}">${item.stock === 0 ? 'Sold out' : `${count(item.stock)} left`}</span>
            <span class="price num">${money(item.priceCents, item.currency)}</span>
          </a>
        </li>`)}
      </ul>
      <div class="pager">
        <p class="small soft num">${exact(offset + 1)}–${exact(offset + value.items.length)} of ${exact(value.total)}</p>
        <div>
          <button class="button slim" type="button" ?disabled=${offset === 0} @click=${() => this.choose({ offset: Math.max(0, offset - PAGE_SIZE) })}>Previous</button>
          <button class="button slim" type="button" ?disabled=${offset + value.items.length >= value.total} @click=${() => this.choose({ offset: offset + PAGE_SIZE })}>Next</button>
        </div>
      </div>
      ${this.alsoBought(value.alsoBought)}`;
  }

  /** The category's name; its id until the names are here. */
  private shelf(item: Product): string {
    return this.categories.value?.items.find((one) => one.id === item.category)?.name ?? item.category;
  }

  private linkTo(item: Product): string {
    const query = new URLSearchParams(location.search);
    query.set('product', String(item.id));
    return `/catalog?${query}`;
  }

  private nothingChosen() {
    return html`<div class="panel how">
      <h2>Where answers come from</h2>
      <larder-meter .answers=${[]}></larder-meter>
      <p class="small soft">Choose a product to see its answer take one of two roads: a hit stops at the store, a miss goes on to PostgreSQL and leaves a copy behind${this.stats.value ? ` for ${this.stats.value.ttlSeconds} seconds` : ''}.</p>
      ${this.flushRow('all')}
    </div>`;
  }

  private flushRow(what: 'one' | 'all') {
    return html`${session.person
      ? html`<div class="send">
          ${what === 'one' ? html`<button class="button slim" type="button" ?disabled=${this.flushing.busy} @click=${() => this.flush('one')}>Forget this copy</button>` : nothing}
          <button class="button slim ${what === 'one' ? 'quiet' : ''}" type="button" ?disabled=${this.flushing.busy} @click=${() => this.flush('all')}>Flush the whole cache</button>
        </div>`
      : html`<p class="small soft"><button class="as-link" type="button" @click=${() => session.invite()}>Sign in</button> to flush the cache or change a price.</p>`}
    ${formProblem(this.flushing.problem)}`;
  }

  private product() {
    const { value, problem, busy } = this.detail;
    if (problem) return html`<div class="panel">${this.back()}${failed(problem, this.ask)}</div>`;
    if (!value) return html`<div class="panel">${this.back()}${loading('the product', 9)}</div>`;
    return html`
      <div class="panel product">
        ${this.back()}
        <div class="title">
          <p class="small faint">${this.shelf(value)} · <span class="mono">${value.sku}</span></p>
          <h2>${value.name}</h2>
          <p class="soft">${value.description}</p>
        </div>
        <div class="offer">
          <span class="amount num" data-figure="price">${money(value.priceCents, value.currency)}</span>
          <span class="num ${value.stock === 0 ? 'out' : 'soft'}" data-figure="stock">${value.stock === 0 ? 'Sold out' : `${exact(value.stock)} in stock`}</span>
          ${this.editing ? nothing : html`<button class="button slim" type="button" @click=${() => (session.person ? ((this.editing = true), (this.saved = false), (this.saving.problem = null)) : session.invite())}>Edit price and stock</button>`}
        </div>
        ${this.saved ? html`<p class="notice good" role="status">Saved: in the database first, then in the store.</p>` : nothing}
        ${this.editing ? this.form(value) : nothing}
      </div>
      <div class="panel meter-panel">
        <div class="panel-head">
          <h2>Where this answer came from</h2>
          <button class="button slim primary" type="button" ?disabled=${busy} @click=${this.ask}>Read again</button>
        </div>
        <larder-meter .answers=${this.answers}></larder-meter>
        ${this.flushRow('one')}
      </div>
      <div class="panel reviews">
        <h2>Reviews</h2>
        ${value.reviews.length === 0
          ? html`<p class="small soft">Nobody has reviewed this yet.</p>`
          : html`<ul>${value.reviews.map((review) => html`<li>
              <p class="by"><span class="strong">${review.author}</span> <span class="stars" role="img" aria-label=${`${review.stars} of 5 stars`}>${'★'.repeat(review.stars)}<span>${'★'.repeat(5 - review.stars)}</span></span> <span class="faint">${ago(review.at)}</span></p>
              <p class="soft">${review.text}</p></li>`)}</ul>`}
      </div>`;
  }

  private back() {
    return html`<button class="button slim quiet back" type="button" @click=${() => this.choose({ product: '' })}>← All products</button>`;
  }

  private form(value: ProductDetail) {
    if (!session.person) return inviteToSignIn('Your session ended before this was saved.');
    const problem = this.saving.problem;
    return html`<form class="form" @submit=${this.save}>
      <div class="side-by-side">
        ${field({ id: 'edit-price', name: 'priceCents', label: `Price in ${value.currency}`, type: 'number', min: 0, step: '0.01', required: true, value: (value.priceCents / 100).toFixed(2), problem })}
        ${field({ id: 'edit-stock', name: 'stock', label: 'Stock', type: 'number', min: 0, step: 1, required: true, value: value.stock, problem })}
      </div>
      ${formProblem(problem, ['priceCents', 'stock'])}
      <div class="send">
        <button class="button primary" type="submit" ?disabled=${this.saving.busy}>${this.saving.busy ? 'Saving' : 'Save'}</button>
        ${problem?.status === 409
          ? html`<button class="button" type="button" @click=${async () => { await this.ask(); this.saving.problem = null; }}>Read the newer version</button>`
          : html`<button class="button quiet" type="button" @click=${() => (this.editing = false)}>Cancel</button>`}
      </div>
    </form>`;
  }
}
