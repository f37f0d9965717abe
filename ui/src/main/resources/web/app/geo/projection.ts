/**
 * The Equal Earth projection (Šavrič, Patterson, Jenny 2018): areas keep their proportion, and the world looks like
 * one. Map units: the whole globe is {@link WIDTH} wide, x to the right and y down, the origin in the middle.
 */
const A1 = 1.340264;
const A2 = -0.081106;
const A3 = 0.000893;
const A4 = 0.003796;
const M = Math.sqrt(3) / 2;
const RADIANS = Math.PI / 180;

export const WIDTH = 1000;
const K = WIDTH / (2 * Math.PI / (M * A1));

export type Point = [x: number, y: number];
export type Position = [longitude: number, latitude: number];

export function project([longitude, latitude]: Position): Point {
  const t = Math.asin(M * Math.sin(latitude * RADIANS));
  const t2 = t * t;
  const t6 = t2 * t2 * t2;
  const x = (longitude * RADIANS * Math.cos(t)) / (M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)));
  return [x * K, -t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2)) * K];
}

/** Where on Earth a point of the map is, null beyond its edge. */
export function locate([px, py]: Point): Position | null {
  const y = -py / K;
  let t = y / A1;
  for (let i = 0; i < 12; i++) {
    const t2 = t * t;
    const t6 = t2 * t2 * t2;
    const step = (t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2)) - y) / (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2));
    t -= step;
    if (Math.abs(step) < 1e-9) break;
  }
  const t2 = t * t;
  const t6 = t2 * t2 * t2;
  const longitude = (M * (px / K) * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2))) / Math.cos(t) / RADIANS;
  const latitude = Math.asin(Math.sin(t) / M) / RADIANS;
  return Number.isFinite(longitude) && Number.isFinite(latitude) && Math.abs(longitude) <= 180 ? [longitude, latitude] : null;
}

/** A line over the map, lifted where it crosses the edge of the world. */
export function pathOf(line: Position[], close = false): string {
  let path = '';
  let before: Position | null = null;
  let cut = false;
  for (const position of line) {
    const jump = before !== null && Math.abs(position[0] - before[0]) > 180;
    cut ||= jump;
    const [x, y] = project(position);
    path += `${before === null || jump ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`;
    before = position;
  }
  return close && !cut ? path + 'Z' : path;
}

const EARTH_METERS = 6_372_797.56;

/** The point so far from another, in a direction clockwise from north. */
export function travel([longitude, latitude]: Position, meters: number, bearing: number): Position {
  const d = meters / EARTH_METERS;
  const a = latitude * RADIANS;
  const b = bearing * RADIANS;
  const lat = Math.asin(Math.sin(a) * Math.cos(d) + Math.cos(a) * Math.sin(d) * Math.cos(b));
  const lon = longitude * RADIANS + Math.atan2(Math.sin(b) * Math.sin(d) * Math.cos(a), Math.cos(d) - Math.sin(a) * Math.sin(lat));
  return [((lon / RADIANS + 540) % 360) - 180, lat / RADIANS];
}

export function metersBetween([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const u = Math.sin(((lat2 - lat1) * RADIANS) / 2);
  const v = Math.sin(((lon2 - lon1) * RADIANS) / 2);
  return 2 * EARTH_METERS * Math.asin(Math.min(1, Math.sqrt(u * u + Math.cos(lat1 * RADIANS) * Math.cos(lat2 * RADIANS) * v * v)));
}

export function bearingTo([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const dl = (lon2 - lon1) * RADIANS;
  const y = Math.sin(dl) * Math.cos(lat2 * RADIANS);
  const x = Math.cos(lat1 * RADIANS) * Math.sin(lat2 * RADIANS) - Math.sin(lat1 * RADIANS) * Math.cos(lat2 * RADIANS) * Math.cos(dl);
  return (Math.atan2(y, x) / RADIANS + 360) % 360;
}

/** A circle on the globe as a line on the map. */
export function circle(center: Position, meters: number): string {
  return pathOf(Array.from({ length: 97 }, (_none, i) => travel(center, meters, (i % 96) * 3.75)), true);
}

/** A box as the store measures it: its width along the center's parallel, its height along the meridian. */
export function box([longitude, latitude]: Position, widthMeters: number, heightMeters: number): string {
  const half = heightMeters / 2 / EARTH_METERS / RADIANS;
  const top = Math.min(85, latitude + half);
  const bottom = Math.max(-85, latitude - half);
  const line: Position[] = [];
  const edge = (lat: number, from: number, to: number): void => {
    const wide = Math.min(179.9, widthMeters / 2 / EARTH_METERS / Math.cos(lat * RADIANS) / RADIANS);
    for (let i = 0; i <= 24; i++) line.push([longitude + wide * (from + ((to - from) * i) / 24), lat]);
  };
  edge(top, -1, 1);
  edge(bottom, 1, -1);
  return pathOf(line.map(([lon, lat]): Position => [((lon + 540) % 360) - 180, lat]), true);
}
