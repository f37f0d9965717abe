import { html, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { millis } from '../shared/format';
import { Page } from '../shared/page';
import { Seconds, ring } from '../shared/parts';
import type { Origin } from './origin';

const BARS = 32;

/** The road an answer took, how old it is, how long it is kept, and how fast the last ones were. */
@customElement('larder-meter')
export class Meter extends Page {
  @property({ attribute: false }) answers: Origin[] = [];

  constructor() {
    super();
    new Seconds(this);
  }

  override render() {
    const last = this.answers.at(-1);
    return html`
      <div class="road ${last ? `is-${last.hit ? 'hit' : 'miss'} is-${last.tier}` : ''}" data-origin=${last ? (last.hit ? 'hit' : 'miss') : 'none'}>
        <span class="stop on">Browser</span><i class="leg on"></i><span class="stop service">Service</span><i class="leg ${last?.tier === 'hot' ? 'far' : 'on'}"></i><span class="stop store">Store</span><i class="leg far"></i><span class="stop far">PostgreSQL</span>
      </div>
      ${last ? this.reading(last) : nothing}
    `;
  }

  private reading(last: Origin) {
    const since = Math.floor((Date.now() - last.at) / 1000);
    const left = last.ttl === null ? null : Math.max(0, last.ttl - since);
    const whole = last.ttl === null ? 0 : last.ttl + last.age;
    return html`
      <div class="verdict">
        <p class="word ${last.hit ? 'hit' : 'miss'}" role="status"><b>${last.hit ? 'Hit' : 'Miss'}</b>
          <span class="small soft">${last.hit ? this.copy(last) : last.kept ? 'PostgreSQL was asked; the store keeps a copy now.' : 'PostgreSQL was asked; no copy was kept.'}</span></p>
        <dl class="figure"><dt>Took</dt><dd>${millis(last.millis)}</dd></dl>
        <dl class="figure"><dt>Age</dt><dd>${last.age + since} <small>s</small></dd></dl>
        <div class="left">${left === null ? nothing : ring(left, whole, 48)}
          <dl class="figure"><dt>Kept for</dt><dd>${left === null ? '–' : left === 0 ? 'gone' : html`${left} <small>s</small>`}</dd></dl></div>
      </div>
      ${this.history()}
      <p class="mono told">${last.told || 'no Cache-Status header'}</p>`;
  }

  private copy(last: Origin): string {
    const had = last.tier === 'hot' ? 'The service had it in its own memory.' : 'The store had a copy.';
    return last.stale ? `${had} It is past its time; a newer one is fetched.` : had;
  }

  private history() {
    const slowest = Math.max(4, ...this.answers.map((answer) => answer.millis));
    const from = BARS - this.answers.length;
    return html`<figure class="past">
      <svg viewBox="0 0 ${BARS * 10} 48" preserveAspectRatio="none" role="img" aria-label=${`The last ${this.answers.length} answers: ${this.answers.filter((answer) => answer.hit).length} hits`}>
        ${Array.from({ length: from }, (_none, i) => svg`<rect class="none" x=${i * 10 + 1} y="45" width="8" height="3"></rect>`)}
        ${this.answers.map((answer, i) => {
          const height = Math.max(4, (answer.millis / slowest) * 46);
          return svg`<rect class=${answer.hit ? 'hit' : 'miss'} x=${(from + i) * 10 + 1} y=${48 - height} width="8" height=${height}></rect>`;
        })}
      </svg>
      <figcaption class="faint"><span>Response time of the last readings</span><span class="num">tallest ${millis(slowest)}</span></figcaption>
    </figure>`;
  }
}
