import { html, svg, nothing, type TemplateResult } from 'lit';
import { count, exact, percent, span } from '../shared/format';
import type { LaboratoryAdvice, LaboratoryRun, Lane, LaneFigures, Stampede } from '../shared/wire';
import { answered, failures, tierNames, tiers, type Tier } from './course';
import { dashes } from './lines';

/** A lane's stroke, as its line in the charts has it. */
export const swatch = (lane: string): TemplateResult => html`<svg class="swatch" width="26" height="8" viewBox="0 0 26 8" preserveAspectRatio="xMinYMid slice" aria-hidden="true">
  <line class=${`lane-${lane}`} x1="0" y1="4" x2="26" y2="4" stroke-dasharray=${(dashes[lane] ?? []).join(' ') || 'none'}></line>
</svg>`;

/** A lane's name, with its TTL where that tells it from others. */
export const nameOf = (run: LaboratoryRun, lane: Lane): string =>
  lane.ttlMillis !== run.workload.ttlMillis || run.lanes.some((other) => other.id !== lane.id && other.pattern === lane.pattern) ? `${lane.name}, ${span(lane.ttlMillis)}` : lane.name;

export const legend = (run: LaboratoryRun): TemplateResult => html`<ul class="legend" aria-label="Lanes">
  ${run.lanes.map((lane) => html`<li>${swatch(lane.id)}<span>${nameOf(run, lane)}</span></li>`)}
</ul>`;

export const tierLegend = (): TemplateResult => html`<ul class="legend tiers" aria-label="Where answers come from">
  ${tiers.map((tier) => html`<li><svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">${stretch(tier, 0, 12, 12)}</svg><span>${tierNames[tier]}</span></li>`)}
</ul>`;

/** Where a lane's answers came from, as one bar. */
export function tierBar(f: LaneFigures): TemplateResult {
  const sum = answered(f);
  const width = (tier: Tier): number => (sum > 0 ? (f.hits[tier] / sum) * 100 : 0);
  const told = tiers.filter((tier) => f.hits[tier] > 0).map((tier) => `${tierNames[tier]} ${percent(width(tier) / 100)}`);
  let from = 0;
  return html`<svg class="tier-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${told.join(', ') || 'No answers'}>
    ${tiers.map((tier) => stretch(tier, (from += width(tier)) - width(tier), width(tier), 8))}
  </svg>`;
}

const stretch = (tier: Tier, x: number, width: number, height: number) => svg`<rect class=${`tier-${tier}`} x=${x} width=${width} height=${height}></rect>`;

interface Column {
  title: string;
  /** What is compared; the less the better, unless `most` is. Nothing to compare: no best. */
  of: (f: LaneFigures) => number | null;
  show: (f: LaneFigures) => string | TemplateResult;
  most?: boolean;
  plain?: boolean;
}

const columns: Column[] = [
  { title: 'Reads', of: (f) => f.reads, show: (f) => count(f.reads), plain: true },
  { title: 'Without the database', of: (f) => f.hitRatio, show: (f) => html`${tierBar(f)}<span>${percent(f.hitRatio)}</span>`, most: true },
  { title: 'Queries', of: (f) => f.databaseQueries, show: (f) => count(f.databaseQueries) },
  { title: 'A second', of: (f) => f.queriesPerSecond, show: (f) => (f.queriesPerSecond < 10 ? String(Number(f.queriesPerSecond.toFixed(1))) : count(f.queriesPerSecond)) },
  { title: 'p50', of: (f) => f.latency.p50Micros, show: (f) => span(f.latency.p50Micros / 1000) },
  { title: 'p99', of: (f) => f.latency.p99Micros, show: (f) => span(f.latency.p99Micros / 1000) },
  { title: 'Slowest', of: (f) => f.latency.maxMicros, show: (f) => span(f.latency.maxMicros / 1000) },
  { title: 'Stale reads', of: (f) => f.staleness.staleShare, show: (f) => percent(f.staleness.staleShare) },
  { title: 'p99 age of all', of: (f) => f.staleness.p99Millis, show: (f) => span(f.staleness.p99Millis) },
  { title: 'Stalest', of: (f) => f.staleness.maxMillis, show: (f) => span(f.staleness.maxMillis) },
  { title: 'Widest', of: (f) => f.width, show: (f) => exact(f.width) },
  { title: 'Errors', of: (f) => failures(f), show: (f) => errors(f) },
  { title: 'Not sent', of: (f) => f.missed, show: (f) => count(f.missed) },
];

/** Every lane's figures, the best of each column marked where lanes differ. */
export function figuresTable(run: LaboratoryRun, figures: LaneFigures[], title: string): TemplateResult {
  const rows = run.lanes.flatMap((lane) => figures.filter((f) => f.lane === lane.id).map((f) => ({ lane, f })));
  const best = columns.map(({ of, most, plain }) => {
    const values = rows.map(({ f }) => of(f)).filter((value) => value !== null);
    if (plain || values.length < 2 || values.every((value) => value === values[0])) return null;
    return most ? Math.max(...values) : Math.min(...values);
  });
  return html`<div class="scrolled" role="region" aria-label=${`Figures, ${title.toLowerCase()}`} tabindex="0">
    <table class="table figures">
      <thead><tr><th scope="col">Pattern</th>${columns.map((column) => html`<th scope="col" class="right">${column.title}</th>`)}</tr></thead>
      <tbody>
        ${rows.map(({ lane, f }) => html`<tr data-lane=${lane.id}>
          <th scope="row">${swatch(lane.id)}<span>${nameOf(run, lane)}</span></th>
          ${columns.map((column, i) => {
            const winner = best[i] !== null && column.of(f) === best[i];
            return html`<td class="right ${winner ? 'best' : ''}">${column.show(f)}${winner ? html`<span class="visually-hidden"> (best)</span>` : nothing}</td>`;
          })}
        </tr>`)}
      </tbody>
    </table>
  </div>`;
}

const kinds: Record<string, string> = { 'database-down': 'database down', 'database-busy': 'database busy', timeout: 'too late', store: 'store', other: 'other' };

function errors(f: LaneFigures): string | TemplateResult {
  const some = Object.entries(f.errors).filter(([, n]) => n > 0);
  return some.length === 0 ? '0' : html`<span class="out">${count(failures(f))}</span> <span class="faint">${some.map(([kind, n]) => (some.length > 1 ? `${kinds[kind] ?? kind} ${count(n)}` : (kinds[kind] ?? kind))).join(', ')}</span>`;
}

/** What a stampede did to each lane. */
export const stampede = (run: LaboratoryRun, one: Stampede): TemplateResult => html`<ul class="herd" data-stampede=${one.second}>
  ${run.lanes.flatMap((lane) => one.lanes.filter((answer) => answer.lane === lane.id).map((answer) => html`<li>
    <span class="who">${swatch(lane.id)}<span>${nameOf(run, lane)}</span></span>
    <span class="queries num ${answer.databaseQueries > 1 ? (answer.databaseQueries > one.readers / 10 ? 'out' : 'some') : 'calm'}">${exact(answer.databaseQueries)}<span class="visually-hidden"> database ${answer.databaseQueries === 1 ? 'query' : 'queries'}</span></span>
    <span class="small soft rest">${[
      answer.joined > 0 ? `${exact(answer.joined)} waited for one load` : '',
      answer.hits > 0 ? `${exact(answer.hits)} read a copy` : '',
      answer.errors > 0 ? `${exact(answer.errors)} failed` : '',
      answer.width > 1 ? `${exact(answer.width)} loads at once` : '',
      `slowest ${span(answer.slowestMicros / 1000)}`,
    ].filter(Boolean).join(' · ')}</span>
  </li>`))}
</ul>`;

export const advice = (run: LaboratoryRun, told: LaboratoryAdvice): TemplateResult => html`
  <p class="verdict">${told.lane ? swatch(told.lane) : nothing}<span>${told.summary}</span></p>
  ${told.reasons.length > 0 ? html`<ul class="points">${told.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>` : nothing}
  <ul class="fits">
    ${told.lanes.map((one) => {
      const lane = run.lanes.find((known) => known.id === one.lane);
      return html`<li><span class="who">${swatch(one.lane)}<span>${lane ? nameOf(run, lane) : one.lane}</span></span>
        <span class="tag ${one.lane === told.lane ? 'mine' : one.fits ? 'good' : 'wrong'}">${one.lane === told.lane ? 'fits best' : one.fits ? 'fits' : 'does not fit'}</span>
        <span class="small soft">${one.reason}</span></li>`;
    })}
  </ul>
  ${told.changes.length > 0 ? html`<h3>What to try</h3><ul class="points">${told.changes.map((change) => html`<li>${change}</li>`)}</ul>` : nothing}`;
