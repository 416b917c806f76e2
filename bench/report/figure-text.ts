import { median } from '../measure/compare.ts';
import type { Measurement, SideFigures } from '../measure/measurement.ts';

/** A figure with its unit, in as many digits as mean something: `0.84`, `31.2 ×`, `31,204/s`, `1.24 ms`. */
export function figureText(value: number, unit: Measurement['unit']): string {
  if (unit === 'ratio') {
    return value < 10 ? value.toFixed(2) : `${digits(value)} ×`;
  }
  const space = unit === '/s' || unit === '%' ? '' : ' ';
  return unit === 'count' ? digits(value) : `${digits(value)}${space}${unit}`;
}

/** What a ratio was made of: `holds 31,204/s; no-op 36,101/s`. */
export function sidesText(sides: readonly SideFigures[] = []): string {
  return sides.map(({ name, unit, samples }) => `${name} ${figureText(median(samples), unit)}`).join('; ');
}

function digits(value: number): string {
  const fraction = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}
