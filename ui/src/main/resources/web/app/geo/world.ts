import { get } from '../shared/api';
import { pathOf, type Position } from './projection';

interface Topology {
  arcs: [number, number][][];
  transform: { scale: [number, number]; translate: [number, number] };
  objects: { countries: { geometries: { type: 'Polygon' | 'MultiPolygon'; arcs: number[][] | number[][][]; id: string }[] } };
}

const ANTARCTICA = '010';

/** The countries as one path each, and the graticule: everything of the map that never changes. */
export interface World {
  countries: string[];
  graticule: string;
  /** The outline of what is shown of the Earth. */
  globe: string;
}

let kept: Promise<World> | null = null;

/** Fetched and unfolded once for as long as the page lives; a failed fetch is tried anew. */
export function world(): Promise<World> {
  kept ??= get<Topology>('/data/countries-110m.json').then(unfold);
  kept.catch(() => (kept = null));
  return kept;
}

function unfold(topology: Topology): World {
  const [sx, sy] = topology.transform.scale;
  const [tx, ty] = topology.transform.translate;
  // Each arc's first point is absolute, every other is told relative to the one before.
  const arcs: Position[][] = topology.arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]) => [(x += dx) * sx + tx, (y += dy) * sy + ty] as Position);
  });
  const ring = (indexes: number[]): string => pathOf(indexes.flatMap((i) => (i < 0 ? [...arcs[~i]!].reverse() : arcs[i]!)), true);
  const countries = topology.objects.countries.geometries
    .filter((one) => one.id !== ANTARCTICA)
    .map((one) => (one.type === 'Polygon' ? [one.arcs as number[][]] : (one.arcs as number[][][])).map((polygon) => polygon.map(ring).join('')).join(''));
  return { countries, graticule: graticule(), globe: globe() };
}

function graticule(): string {
  const lines: Position[][] = [];
  for (let longitude = -180; longitude <= 180; longitude += 30) lines.push(range(-60, 85, 2.5).map((latitude) => [longitude, latitude] as Position));
  for (let latitude = -60; latitude <= 60; latitude += 30) lines.push(range(-180, 180, 5).map((longitude) => [longitude, latitude] as Position));
  return lines.map((line) => pathOf(line)).join('');
}

function globe(): string {
  const edge = range(-60, 85, 2.5);
  return pathOf([...edge.map((latitude): Position => [180, latitude]), ...range(-180, 180, 5).map((longitude): Position => [-longitude, 85]), ...edge.reverse().map((latitude): Position => [-180, latitude])].map(([lon, lat]): Position => [lon, lat])).replaceAll('M', 'L').replace('L', 'M') + 'Z';
}

const range = (from: number, to: number, step: number): number[] => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_none, i) => from + i * step);
