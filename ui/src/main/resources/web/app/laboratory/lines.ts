import { html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type uPlot from 'uplot';
import { roundUp } from '../shared/chart';
import { type Colour, Plotted } from '../shared/plotted';
import type { Band } from './course';

/** A lane is known by its colour and by its stroke, for those who cannot tell the colours apart. */
export const dashes: Record<string, number[]> = { a: [], b: [10, 4], c: [4, 4], d: [12, 3, 3, 3], e: [2, 2], f: [10, 3, 2, 3, 2, 3] };

/** Charts with the same key move their cursors together. */
const TOGETHER = 'laboratory';

/** A scale that follows the figures does not make much of nearly nothing. */
const LEAST_TOP = 9;

/**
 * Several columns over the seconds of a run, to one scale: as lines, or each on top of the one before. Fires
 * `larder-look` with the second the pointer is on, and null when it leaves.
 */
@customElement('larder-lines')
export class Lines extends Plotted {
  @property({ attribute: false }) at: number[] = [];
  @property({ attribute: false }) columns: (number | null)[][] = [];
  /** The custom property with each column's colour; a lane's own ends in its letter. */
  @property({ attribute: false }) colours: string[] = [];
  @property({ type: Boolean }) stacked = false;
  @property() label = '';
  /** Changes whenever the columns, which are the same arrays all along, got longer, or there is something to point at. */
  @property({ attribute: false }) turn: unknown = 0;
  @property({ attribute: false }) show: (value: number) => string = String;
  /** Seconds from end to end. */
  @property({ attribute: false }) seconds = 60;
  /** Top of the scale; 0 follows the figures. */
  @property({ attribute: false }) top = 0;
  /** Above 0 the scale is logarithmic from here, and what is less is drawn here. */
  @property({ attribute: false }) floor = 0;
  @property({ attribute: false }) bands: Band[] = [];
  /** Seconds with something to point at. */
  @property({ attribute: false }) marks: number[] = [];

  override render() {
    return html`<div class="lines" role="img" aria-label=${this.label}></div>`;
  }

  /** Draws only what is new: the page is drawn again far more often than there is something to add here. */
  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('turn') || changed.has('top')) this.plot?.setData(this.data());
  }

  /** Stacked columns are drawn from the highest down, each over the foot of the one before. */
  private get order(): number[] {
    const order = this.columns.map((_column, i) => i);
    return this.stacked ? order.reverse() : order;
  }

  protected override data(): uPlot.AlignedData {
    const columns = this.order.map((i) => this.columns[i]!);
    const floored = this.floor > 0 ? columns.map((column) => column.map((value) => (value === null ? null : Math.max(this.floor, value)))) : columns;
    return [this.at, ...floored] as uPlot.AlignedData;
  }

  protected override options(colour: Colour): Omit<uPlot.Options, 'width' | 'height'> {
    return {
      padding: [8, 2, 0, 10],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false }, sync: { key: TOGETHER } },
      select: { show: false } as uPlot.Select,
      scales: {
        x: { time: false, range: () => [0, Math.max(1, this.seconds)] },
        y: this.floor > 0
          ? { distr: 3, range: (_self, _least, most) => [this.floor, decade(Math.max(this.floor * 10, most ?? 0))] }
          : { range: (_self, _least, most) => [0, this.top > 0 ? this.top : roundUp(Math.max(LEAST_TOP, most ?? 0), 1)] },
      },
      axes: [
        {
          size: 22,
          gap: 4,
          font: '11px Inter, sans-serif',
          stroke: () => colour('--ink-faint'),
          grid: { show: false },
          ticks: { show: false },
          splits: () => quarters(this.seconds),
          values: (_self, splits) => splits.map((value) => `${value} s`),
        },
        {
          side: 1,
          size: 52,
          gap: 6,
          font: '11px Inter, sans-serif',
          stroke: () => colour('--ink-faint'),
          grid: { stroke: () => colour('--line'), width: 1 },
          ticks: { show: false },
          splits: (_self, _axis, least, most) => (this.floor > 0 ? decades(least, most) : [least, (least + most) / 2, most]),
          filter: (_self, splits) => splits,
          values: (_self, splits) => splits.map((value) => this.show(value <= this.floor ? 0 : value)),
        },
      ],
      series: [
        {},
        ...this.order.map((i): uPlot.Series => {
          const role = this.colours[i]!;
          return this.stacked
            ? { stroke: () => colour(role), fill: () => colour(role), width: 0, points: { show: false } }
            : { stroke: () => colour(role), dash: dashes[role.slice(-1)] ?? [], width: 2, points: { show: false } };
        }),
      ],
      hooks: { drawClear: [(self) => this.ground(self, colour)], draw: [(self) => this.point(self, colour)] },
    };
  }

  protected override drawn({ over }: uPlot): void {
    over.addEventListener('mousemove', () => this.look(this.plot?.cursor.idx ?? null));
    over.addEventListener('mouseleave', () => this.look(null));
  }

  private look(index: number | null): void {
    this.dispatchEvent(new CustomEvent('larder-look', { bubbles: true, detail: index === null ? null : (this.at[index] ?? null) }));
  }

  /** Tints the seconds in which something was slow or down. */
  private ground(self: uPlot, colour: Colour): void {
    for (const band of this.bands) {
      self.ctx.fillStyle = colour(band.down ? '--tomato-wash' : '--saffron-wash');
      const from = self.valToPos(band.from, 'x', true);
      self.ctx.fillRect(from, self.bbox.top, self.valToPos(band.to, 'x', true) - from, self.bbox.height);
    }
  }

  private point(self: uPlot, colour: Colour): void {
    self.ctx.fillStyle = colour('--accent');
    for (const mark of this.marks) {
      self.ctx.fillRect(Math.round(self.valToPos(mark, 'x', true)), self.bbox.top, devicePixelRatio, self.bbox.height);
    }
  }
}

const decade = (value: number): number => 10 ** Math.ceil(Math.log10(value) - 1e-9);

/** At most five lines, each a power of ten. */
function decades(least: number, most: number): number[] {
  const [from, to] = [Math.round(Math.log10(least)), Math.round(Math.log10(most))];
  const step = Math.max(1, Math.ceil((to - from) / 4));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_none, i) => 10 ** (from + i * step));
}

function quarters(seconds: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120].find((one) => seconds / one <= 6) ?? 300;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_none, i) => i * step);
}
