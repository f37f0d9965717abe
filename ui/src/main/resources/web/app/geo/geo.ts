import { html, nothing, svg } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { guard } from 'lit/directives/guard.js';
import { call, get } from '../shared/api';
import { count, distance } from '../shared/format';
import { Live } from '../shared/live';
import { Loaded, Page, Sending } from '../shared/page';
import { connection, empty, failed, formProblem, inviteToSignIn, loading } from '../shared/parts';
import { Following, session } from '../shared/session';
import type { Items, Place } from '../shared/wire';
import { bearingTo, box, circle, locate, metersBetween, project, travel, type Point, type Position } from './projection';
import { world, type World } from './world';

const NORTH = project([0, 84])[1];
const SOUTH = project([0, -57])[1];
const MAP = { x: -500, y: NORTH, width: 1000, height: SOUTH - NORTH };
const START = project([14, 26]);
const GREATEST_ZOOM = 24;
const SHOWN_PLACES = 1000;
const SHOWN_FOUND = 50;
const COURIER_TTL_SECONDS = 30;
const STEP_MILLIS = 1000;
const METERS_PER_STEP = 15_000;
const LABELS = 6;

interface Found extends Items<Place> {
  count: number;
}

@customElement('larder-geo')
export class Geo extends Page {
  private readonly land = new Loaded<World>(this);
  private readonly cities = new Loaded<Items<Place>>(this);
  private readonly couriers = new Loaded<Map<string, Place>>(this);
  private readonly found = new Loaded<Found>(this);
  private readonly driving = new Sending(this);
  @state() private center: Position = [16.37, 48.2];
  @state() private shape: 'radius' | 'box' = 'radius';
  @state() private radiusKm = 700;
  @state() private widthKm = 1600;
  @state() private heightKm = 900;
  @state() private zoom = 1;
  @state() private middle: Point = START;
  /** The map's place on the screen, in CSS pixels. */
  @state() private frame = { width: 800, height: 560 };
  private watcher: ResizeObserver | null = null;
  private looked = false;
  @state() private hovered = '';
  @state() private mine: { id: string; at: Position; to: Place; heading: string } | null = null;
  private searchTimer = 0;
  private stepTimer = 0;
  private drag: { x: number; y: number; middle: Point; moved: boolean } | null = null;
  private readonly live = new Live(this, () => '/api/geo/couriers/live', (message) => this.hear(message));

  constructor() {
    super();
    new Following(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.readLand();
    void this.readPlaces();
    void this.search();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.watcher?.disconnect();
    this.watcher = null;
    clearTimeout(this.searchTimer);
    // Left behind it would stand still; it disappears for everyone when its time in the store is over.
    clearTimeout(this.stepTimer);
  }

  private readonly readLand = (): Promise<void> => this.land.load(() => world());

  private readonly readPlaces = async (): Promise<void> => {
    await Promise.all([
      this.cities.load((signal) => get('/api/geo/cities', { limit: SHOWN_PLACES }, signal)),
      this.couriers.load(async (signal) => new Map((await get<Items<Place>>('/api/geo/couriers', { limit: SHOWN_PLACES }, signal)).items.map((one) => [one.id, one]))),
    ]);
  };

  private readonly search = (): Promise<void> => {
    const [longitude, latitude] = this.center;
    const where = { longitude: longitude.toFixed(5), latitude: latitude.toFixed(5), limit: SHOWN_FOUND };
    return this.found.load((signal) =>
      this.shape === 'radius'
        ? get('/api/geo/cities/nearby', { ...where, radiusMeters: this.radiusKm * 1000 }, signal)
        : get('/api/geo/cities/within', { ...where, widthMeters: this.widthKm * 1000, heightMeters: this.heightKm * 1000 }, signal),
    );
  };

  private searchSoon(): void {
    clearTimeout(this.searchTimer);
    this.searchTimer = window.setTimeout(() => void this.search(), 150);
  }

  private hear(message: { type: string; item?: Place; id?: string }): void {
    const known = this.couriers.value ?? new Map<string, Place>();
    if (message.type === 'moved' && message.item) {
      if (known.size < SHOWN_PLACES || known.has(message.item.id)) known.set(message.item.id, message.item);
    } else if (message.type === 'removed' && message.id) {
      known.delete(message.id);
    }
    this.couriers.set(known);
  }

  // ---- the courier: this window moves it, every window sees it ----

  private readonly startCourier = async (): Promise<void> => {
    const to = this.nextStop(this.center);
    if (!to) return;
    this.mine = { id: crypto.randomUUID(), at: this.center, to, heading: to.name };
    this.look(project(this.center), Math.max(this.zoom, 5));
    await this.step(0);
  };

  private readonly stopCourier = async (): Promise<void> => {
    clearTimeout(this.stepTimer);
    const mine = this.mine;
    this.mine = null;
    if (mine) await this.driving.run(() => call('DELETE', `/api/geo/couriers/${mine.id}`));
  };

  private async step(meters: number): Promise<void> {
    const mine = this.mine;
    const person = session.person;
    if (!mine || !person || !this.isConnected) {
      this.mine = null;
      return;
    }
    const goal: Position = [mine.to.longitude, mine.to.latitude];
    if (metersBetween(mine.at, goal) <= meters) {
      mine.at = goal;
      mine.to = this.nextStop(goal, mine.to.id) ?? mine.to;
    } else {
      mine.at = travel(mine.at, meters, bearingTo(mine.at, goal));
    }
    const sent = await this.driving.run(() =>
      call('PUT', `/api/geo/couriers/${mine.id}`, {
        body: { name: `${person.displayName}’s courier`.slice(0, 80), kind: 'courier', longitude: mine.at[0], latitude: mine.at[1], ttlSeconds: COURIER_TTL_SECONDS },
      }),
    );
    if (this.mine !== mine) return;
    if (!sent && this.driving.problem?.status === 401) {
      this.mine = null;
      return;
    }
    this.mine = { ...mine };
    this.stepTimer = window.setTimeout(() => void this.step(METERS_PER_STEP), STEP_MILLIS);
  }

  /** One of the nearest cities, not the one just left. */
  private nextStop(from: Position, left = ''): Place | undefined {
    const near = (this.cities.value?.items ?? [])
      .map((place) => ({ place, meters: metersBetween(from, [place.longitude, place.latitude]) }))
      .filter((one) => one.place.id !== left && one.meters > 30_000)
      .sort((a, b) => a.meters - b.meters)
      .slice(0, 4);
    return near[Math.floor(Math.random() * near.length)]?.place;
  }

  // ---- looking around ----

  private get view() {
    const width = MAP.width / this.zoom;
    const height = (width * this.frame.height) / this.frame.width;
    return { x: this.middle[0] - width / 2, y: this.middle[1] - height / 2, width, height };
  }

  private look(middle: Point, zoom = this.zoom): void {
    this.zoom = Math.min(GREATEST_ZOOM, Math.max(1, zoom));
    const { width, height } = this.view;
    this.middle = [within(middle[0], MAP.x, MAP.width, width), within(middle[1], MAP.y, MAP.height, height)];
  }

  protected override updated(): void {
    const map = this.querySelector<SVGSVGElement>('svg.map');
    if (!map || this.watcher) return;
    this.watcher = new ResizeObserver(() => {
      if (map.clientWidth === 0) return;
      this.frame = { width: map.clientWidth, height: map.clientHeight };
      // The first look fills the frame from top to bottom; a phone starts closer still.
      if (!this.looked) this.look(map.clientWidth < 600 ? project([13, 44]) : START, (MAP.width * this.frame.height) / this.frame.width / MAP.height * (map.clientWidth < 600 ? 1.7 : 1));
      else this.look(this.middle);
      this.looked = true;
    });
    this.watcher.observe(map);
  }

  private pointAt(event: MouseEvent): Point {
    const map = this.querySelector<SVGSVGElement>('svg.map')!;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM()!.inverse());
    return [at.x, at.y];
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.drag = { x: event.clientX, y: event.clientY, middle: this.middle, moved: false };
  }

  private dragged(event: PointerEvent): void {
    if (!this.drag || event.buttons === 0) return;
    const dx = event.clientX - this.drag.x;
    const dy = event.clientY - this.drag.y;
    if (!this.drag.moved && Math.hypot(dx, dy) < 5) return;
    if (!this.drag.moved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.drag.moved = true;
    const scale = (event.currentTarget as SVGSVGElement).getScreenCTM()!.a;
    this.look([this.drag.middle[0] - dx / scale, this.drag.middle[1] - dy / scale]);
  }

  private clicked(event: MouseEvent): void {
    const moved = this.drag?.moved;
    this.drag = null;
    if (moved) return;
    this.searchAt(locate(this.pointAt(event)));
  }

  private searchAt(position: Position | null): void {
    if (!position) return;
    this.center = position;
    void this.search();
  }

  private turned(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = this.pointAt(event);
    const zoom = Math.min(GREATEST_ZOOM, Math.max(1, this.zoom * Math.exp(-event.deltaY / 200)));
    const share = this.zoom / zoom;
    this.look([at[0] + (this.middle[0] - at[0]) * share, at[1] + (this.middle[1] - at[1]) * share], zoom);
  }

  private key(event: KeyboardEvent): void {
    const step = 60 / this.zoom;
    const [x, y] = this.middle;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => this.look([x - step, y]),
      ArrowRight: () => this.look([x + step, y]),
      ArrowUp: () => this.look([x, y - step]),
      ArrowDown: () => this.look([x, y + step]),
      '+': () => this.look(this.middle, this.zoom * 1.6),
      '=': () => this.look(this.middle, this.zoom * 1.6),
      '-': () => this.look(this.middle, this.zoom / 1.6),
      Enter: () => this.searchAt(locate(this.middle)),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  override render() {
    return html`<div class="page">
      <header class="page-head">
        <div>
          <h1>Geo</h1>
          <p>Click anywhere to ask the store what is near. Start a courier, open a second window, and see it move in both.</p>
        </div>
        ${connection(this.live)}
      </header>
      <div class="columns geo-columns">
        <div class="map-side">
          <div class="map-frame">
            ${this.land.problem ? failed(this.land.problem, this.readLand) : this.land.value ? this.map(this.land.value) : loading('the map', 8)}
          </div>
          <p class="legend small soft">
            <span class="key city"></span>${this.cities.value ? `${count(this.cities.value.items.length)} cities` : 'cities'}
            <span class="key hit"></span>found
            <span class="key courier"></span><span data-figure="couriers">${count(this.couriers.value?.size ?? 0)}</span> ${this.couriers.value?.size === 1 ? 'courier' : 'couriers'} on the way
          </p>
          ${this.cities.problem ? failed(this.cities.problem, this.readPlaces) : nothing}
        </div>
        <div class="controls">
          <section class="panel" aria-labelledby="courier-title"><h2 id="courier-title">Courier</h2>${this.courierPanel()}</section>
          <section class="panel" aria-labelledby="search-title"><h2 id="search-title">What is near</h2>${this.searchPanel()}</section>
        </div>
      </div>
    </div>`;
  }

  private map(land: World) {
    const view = this.view;
    // One CSS pixel in map units.
    const k = view.width / this.frame.width;
    const found = new Map((this.found.value?.items ?? []).map((one, i) => [one.id, i]));
    const [cx, cy] = project(this.center);
    const grow = Math.min(1.9, Math.sqrt(this.zoom));
    return html`
      <svg class="map" tabindex="0" role="application" aria-label="World map. Arrow keys move, plus and minus zoom, Enter searches at the middle."
        viewBox="${view.x} ${view.y} ${view.width} ${view.height}" @pointerdown=${this.pressed} @pointermove=${this.dragged} @click=${this.clicked} @wheel=${this.turned} @keydown=${this.key}>
        ${guard([land], () => svg`<path class="globe" d=${land.globe}></path><path class="graticule" d=${land.graticule}></path>${land.countries.map((d) => svg`<path class="country" d=${d}></path>`)}`)}
        <path class="area" d=${this.shape === 'radius' ? circle(this.center, this.radiusKm * 1000) : box(this.center, this.widthKm * 1000, this.heightKm * 1000)}></path>
        ${(this.cities.value?.items ?? []).map((city) => {
          const [x, y] = project([city.longitude, city.latitude]);
          const i = found.get(city.id);
          const hot = city.id === this.hovered;
          return svg`<circle class="city ${i !== undefined ? 'found' : ''} ${hot ? 'hot' : ''}" cx=${x} cy=${y} r=${(i !== undefined ? (hot ? 5 : 3.2) : 1.4) * k * grow}><title>${city.name}</title></circle>`;
        })}
        <g class="center" transform="translate(${cx} ${cy}) scale(${k})"><path d="M-9 0H9M0 -9V9"></path></g>
        ${this.labels(k)}
        ${repeat([...(this.couriers.value?.values() ?? [])], (one) => one.id, (one) => {
          const [x, y] = project([one.longitude, one.latitude]);
          return svg`<g class="courier ${this.mine?.id === one.id ? 'mine' : ''}" data-courier=${one.id} transform="translate(${x}, ${y})">
            <circle class="halo" r=${11 * k}></circle><circle class="dot" r=${5.5 * k}></circle>
            <text x=${10 * k} y=${-8 * k} font-size=${12 * k} stroke-width=${3 * k}>${one.name}</text></g>`;
        })}
      </svg>
      <div class="zoom" role="group" aria-label="Zoom">
        <button class="button slim" type="button" aria-label="Zoom in" @click=${() => this.look(this.middle, this.zoom * 1.6)}>+</button>
        <button class="button slim" type="button" aria-label="Zoom out" @click=${() => this.look(this.middle, this.zoom / 1.6)}>−</button>
        <button class="button slim" type="button" @click=${() => this.look([0, (NORTH + SOUTH) / 2], 1)}>World</button>
      </div>`;
  }

  /** Names of the nearest few, left out where they would lie on one another. */
  private labels(k: number) {
    const taken: Point[] = [];
    return (this.found.value?.items ?? [])
      .slice(0, 24)
      .map((one) => ({ one, at: project([one.longitude, one.latitude]) }))
      .filter(({ one, at }) => {
        if (one.id === this.hovered) return true;
        if (taken.length >= LABELS + this.zoom * 2 || taken.some(([x, y]) => Math.abs(x - at[0]) < 64 * k && Math.abs(y - at[1]) < 13 * k)) return false;
        taken.push(at);
        return true;
      })
      .map(({ one, at }) => svg`<text class="place" x=${at[0] + 7 * k} y=${at[1] + 4 * k} font-size=${11 * k} stroke-width=${3 * k}>${one.name}</text>`);
  }

  private courierPanel() {
    if (!session.person) return inviteToSignIn('Watching is open to all. To send a courier, say who you are.');
    const mine = this.mine;
    return html`
      ${mine
        ? html`<p>On the way to <span class="strong" data-figure="heading">${mine.to.name}</span>, <span class="num">${distance(metersBetween(mine.at, [mine.to.longitude, mine.to.latitude]))}</span> to go.</p>`
        : html`<p class="small soft">It sets out from the cross on the map to a city nearby, a position each second, and lives ${COURIER_TTL_SECONDS} seconds in the store after the last one.</p>`}
      ${formProblem(this.driving.problem)}
      <div class="send">
        ${mine
          ? html`<button class="button" type="button" @click=${this.stopCourier}>Stop it</button><button class="button quiet" type="button" @click=${() => this.look(project(mine.at), Math.max(6, this.zoom))}>Find it</button>`
          : html`<button class="button primary" type="button" ?disabled=${!this.cities.value?.items.length} @click=${this.startCourier}>Start a courier</button>`}
      </div>`;
  }

  private range(id: string, label: string, value: number, most: number, set: (km: number) => void) {
    return html`<div class="field range"><label for=${id}>${label} <output for=${id} class="soft">${count(value)} km</output></label>
      <input id=${id} type="range" min="50" max=${most} step="50" .value=${String(value)} @input=${(e: Event) => { set(Number((e.target as HTMLInputElement).value)); this.searchSoon(); }}></div>`;
  }

  private searchPanel() {
    const { value, problem, busy } = this.found;
    return html`
      <div class="tabs" role="group" aria-label="Shape of the search">
        <button type="button" aria-pressed=${this.shape === 'radius'} @click=${() => { this.shape = 'radius'; void this.search(); }}>Radius</button>
        <button type="button" aria-pressed=${this.shape === 'box'} @click=${() => { this.shape = 'box'; void this.search(); }}>Box</button>
      </div>
      ${this.shape === 'radius'
        ? this.range('radius', 'Radius', this.radiusKm, 3000, (km) => (this.radiusKm = km))
        : html`${this.range('box-width', 'Width', this.widthKm, 4000, (km) => (this.widthKm = km))}${this.range('box-height', 'Height', this.heightKm, 4000, (km) => (this.heightKm = km))}`}
      <p class="small soft num">${value ? html`<span class="strong" data-figure="found">${count(value.count)}</span> ${value.count === 1 ? 'city' : 'cities'} around ${this.where()}` : ' '}</p>
      ${problem
        ? failed(problem, this.search)
        : !value
          ? loading('what is near', 5)
          : value.items.length === 0
            ? empty('Nothing near', 'Try a wider search, or a place closer to people.')
            : html`<ol class="near ${busy ? 'stale' : ''}" tabindex="0" aria-label="Cities, nearest first">${value.items.map((one) => html`<li @pointerenter=${() => (this.hovered = one.id)} @pointerleave=${() => (this.hovered = '')}>
                <span>${one.name}</span><span class="num soft">${distance(one.distanceMeters ?? 0)}</span></li>`)}</ol>`}`;
  }

  private where(): string {
    const [longitude, latitude] = this.center;
    return `${Math.abs(latitude).toFixed(1)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude).toFixed(1)}° ${longitude < 0 ? 'W' : 'E'}`;
  }
}

/** The middle of a window kept inside the map, or the map's own middle when the window is the larger. */
function within(at: number, from: number, whole: number, window: number): number {
  return window >= whole ? from + whole / 2 : Math.min(from + whole - window / 2, Math.max(from + window / 2, at));
}
