const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export const count = (n: number): string => (Math.abs(n) < 100_000 ? whole.format(n) : compact.format(n));
export const exact = (n: number): string => whole.format(n);
export const percent = (ratio: number | null | undefined): string => (ratio === null || ratio === undefined ? '–' : (ratio * 100).toFixed(ratio >= 0.9995 || ratio === 0 ? 0 : 1) + ' %');
export const millis = (ms: number): string => (ms < 10 ? ms.toFixed(1) : whole.format(ms)) + ' ms';
export const money = (cents: number, currency: string): string => new Intl.NumberFormat('en', { style: 'currency', currency: currency || 'EUR' }).format(cents / 100);
export const time = (iso: string): string => clock.format(new Date(iso));
export const moment = (iso: string): string => day.format(new Date(iso));

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length, Math.floor(Math.log2(n) / 10));
  const value = n / 1024 ** step;
  return `${value < 100 ? value.toFixed(1) : whole.format(value)} ${units[step - 1]}`;
}

export function distance(meters: number): string {
  return meters < 10_000 ? `${(meters / 1000).toFixed(1)} km` : `${whole.format(meters / 1000)} km`;
}

/** 3725 → "1 h 02 min", 125 → "2:05". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s >= 86_400) return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

export function ago(iso: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return moment(iso);
}

/** 62345 ms → "1:02.345". */
export function lapTime(ms: number): string {
  const rest = (ms % 60_000) / 1000;
  return `${Math.floor(ms / 60_000)}:${rest.toFixed(3).padStart(6, '0')}`;
}

/** A stretch of time in the unit that suits it: 0.004 → "4 µs", 0.31 → "0.31 ms", 9800 → "9.8 s". */
export function span(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 0.1) return `${whole.format(ms * 1000)} µs`;
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < 600_000) return `${Number((ms / 1000).toPrecision(ms < 10_000 ? 2 : 3))} s`;
  return `${Number((ms / 60_000).toPrecision(2))} min`;
}
