import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type uPlot from 'uplot';
import { type Colour, Plotted } from './plotted';

/** A young chart shows at least so much time, and grows from there. */
const FEWEST_SECONDS = 30;

/** A small live line: one figure over the last minutes. */
@customElement('larder-chart')
export class Chart extends Plotted {
  @property({ attribute: false }) at: number[] = [];
  @property({ attribute: false }) values: (number | null)[] = [];
  @property() label = '';
  /** Changes whenever the columns, which are the same arrays all along, got longer. */
  @property({ attribute: false }) turn: unknown = 0;
  @property({ attribute: false }) show: (value: number) => string = String;
  /** Fixed ends of the scale, where the figure has natural ones. */
  @property({ attribute: false }) ends: [number, number] | null = null;
  @property({ attribute: false }) seconds = 180;
  /** What round numbers are multiples of: 1, or 1048576 for bytes. */
  @property({ attribute: false }) base = 1;

  override render() {
    return html`<div class="chart" role="img" aria-label=${this.label}></div>`;
  }

  protected override options(colour: Colour): Omit<uPlot.Options, 'width' | 'height'> {
    return {
      padding: [6, 2, 4, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false } as uPlot.Select,
      scales: {
        x: { time: false, range: (_self, least, most) => [most - Math.min(this.seconds, Math.max(FEWEST_SECONDS, most - least)), most] },
        y: { range: (_self, _least, most) => this.ends ?? [0, roundUp(most ?? 0, this.base)] },
      },
      axes: [
        { show: false },
        {
          side: 1,
          size: 46,
          gap: 6,
          font: '11px Inter, sans-serif',
          stroke: () => colour('--ink-faint'),
          grid: { stroke: () => colour('--line'), width: 1 },
          ticks: { show: false },
          splits: (_self, _axis, least, most) => [least, (least + most) / 2, most],
          values: (_self, splits) => splits.map((value) => this.show(value)),
        },
      ],
      series: [{}, { stroke: () => colour('--accent'), fill: () => colour('--accent-wash'), width: 1.75, points: { show: false }, spanGaps: false }],
    };
  }

  protected override data(): uPlot.AlignedData {
    return [this.at, this.values] as uPlot.AlignedData;
  }

  protected override updated(): void {
    this.plot?.setData(this.data());
  }
}

/** The next round number above, so that the scale starts at nothing and ends at something that can be read. */
export function roundUp(most: number, base: number): number {
  const value = Math.max(1, (most * 1.08) / base);
  const ten = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * ten >= value) ?? 10;
  return step * ten * base;
}
