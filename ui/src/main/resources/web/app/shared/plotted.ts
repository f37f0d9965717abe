import type uPlot from 'uplot';
import { Page } from './page';

const LEAST_WIDTH = 40;

/** Gives the colour that a role has now. */
export type Colour = (role: string) => string;

/**
 * An element with a uPlot in the child whose role is `img`: as large as that, in the colours of the theme. The
 * charting code is its own chunk, fetched with the first chart; until then the place is kept empty at its full
 * height, so that nothing jumps.
 */
export abstract class Plotted extends Page {
  protected plot: uPlot | null = null;
  private watcher: ResizeObserver | null = null;

  /** All but the size. */
  protected abstract options(colour: Colour): Omit<uPlot.Options, 'width' | 'height'>;
  protected abstract data(): uPlot.AlignedData;
  /** After the plot was made. */
  protected drawn(_plot: uPlot): void {}

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('larder-theme', this.recolour);
    // An element that is moved is connected again, and has lost its chart.
    if (this.hasUpdated && !this.plot) void this.draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('larder-theme', this.recolour);
    this.watcher?.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  protected override firstUpdated(): void {
    void this.draw();
  }

  private async draw(): Promise<void> {
    const { default: Plot } = await import('uplot');
    const place = this.querySelector<HTMLElement>('[role=img]');
    if (!place || !this.isConnected || this.plot) return;
    const size = (): { width: number; height: number } => ({ width: Math.max(LEAST_WIDTH, place.clientWidth), height: place.clientHeight });
    const plot = new Plot({ ...size(), ...this.options((role) => resolve(place, role)) }, this.data(), place);
    this.plot = plot;
    this.watcher = new ResizeObserver(() => plot.setSize(size()));
    this.watcher.observe(place);
    this.drawn(plot);
  }

  private readonly recolour = (): void => this.plot?.redraw(false, true);
}

/** Every stroke of every chart asks each second; finding out makes the browser reckon the page's style anew. */
const known = new Map<string, string>();
window.addEventListener('larder-theme', () => known.clear());

/** The colour a role has in the present theme; the canvas does not know custom properties. */
function resolve(near: HTMLElement, role: string): string {
  let colour = known.get(role);
  if (colour === undefined) {
    const probe = document.createElement('span');
    probe.style.color = `var(${role})`;
    near.append(probe);
    colour = getComputedStyle(probe).color;
    probe.remove();
    known.set(role, colour);
  }
  return colour;
}
