import { describe, expect, it } from 'vitest';
import { type Bar, barChart } from '../../bench/charts/bar-chart.ts';
import { lineChart } from '../../bench/charts/line-chart.ts';
import { scaleOf } from '../../bench/charts/scale.ts';

const bar = (fields: Partial<Bar>): Bar => ({
  label: 'holds',
  note: '',
  value: 1,
  text: '1.00',
  target: null,
  ...fields,
});

const bars = (...rows: readonly Bar[]) =>
  barChart({
    title: 'Figures',
    subtitle: '',
    panels: [{ heading: 'Ratios', scale: 'linear', bars: rows }],
    footer: ['two cores'],
  });

/** The value of an attribute in each element with this class, in order. */
function attributes(svg: string, className: string, name: string): readonly number[] {
  return [...svg.matchAll(new RegExp(`class="${className}"[^>]* ${name}="([\\d.]+)"`, 'g'))].map(
    ([, value]) => Number(value),
  );
}

describe('a scale', () => {
  it.each([
    { values: [0.86], ticks: ['0', '0.2', '0.4', '0.6', '0.8', '1'] },
    { values: [0.3], ticks: ['0', '0.1', '0.2', '0.3'] },
    { values: [31_204, 12], ticks: ['0', '10k', '20k', '30k', '40k'] },
    { values: [0], ticks: ['0', '0.2', '0.4', '0.6', '0.8', '1'] },
  ])('has round numbers from zero to beyond $values', ({ values, ticks }) => {
    expect(scaleOf('linear', values, [0, 100]).ticks.map(({ text }) => text)).toEqual(ticks);
  });

  it('gives each power of ten the same length', () => {
    const { at, ticks } = scaleOf('log', [1, 900], [0, 300]);
    expect([1, 10, 100, 1000].map((value) => Math.round(at(value)))).toEqual([0, 100, 200, 300]);
    expect(ticks.map(({ value }) => value)).toEqual([1, 10, 100, 1000]);
  });

  it('puts uneven values at even distances', () => {
    const { at } = scaleOf('steps', [1_000_000, 0, 10_000, 0], [0, 300]);
    expect([0, 10_000, 1_000_000].map(at)).toEqual([50, 150, 250]);
  });

  it('refuses what a logarithm does not have, and no values', () => {
    expect(() => scaleOf('log', [0, 1], [0, 1])).toThrow('above zero');
    expect(() => scaleOf('linear', [], [0, 1])).toThrow('expected finite values');
    expect(() => scaleOf('linear', [Number.NaN], [0, 1])).toThrow('expected finite values');
  });
});

describe('a chart of bars', () => {
  it('is as long as the value, and marks the target where it is', () => {
    const svg = bars(
      bar({ value: 1 }),
      bar({ value: 0.5, target: { atLeast: 0.4 } }),
      bar({ value: 0.5, target: { atMost: 0.4 } }),
    );
    const [whole = 0, ...halves] = [
      ...attributes(svg, 'informs', 'width'),
      ...attributes(svg, 'reached', 'width'),
      ...attributes(svg, 'missed', 'width'),
    ];
    expect(halves).toEqual([whole / 2, whole / 2]);
    const start = attributes(svg, 'informs', 'x')[0] ?? 0;
    expect(attributes(svg, 'target', 'x1')).toEqual([start + 0.4 * whole, start + 0.4 * whole]);
  });

  it('says in words whether a target is reached', () => {
    expect(bars(bar({ target: { atLeast: 0.9 } }))).toContain('>reached: ≥ 0.90<');
    expect(bars(bar({ target: { atMost: 0.9 } }))).toContain('>missed: ≤ 0.90<');
    expect(bars(bar({}))).not.toMatch(/>(reached|missed)/);
  });

  it('shows a target that is far beyond the value', () => {
    const svg = bars(bar({ value: 1, target: { atLeast: 30 } }));
    expect(attributes(svg, 'target', 'x1')[0]).toBeLessThanOrEqual(
      Math.max(...attributes(svg, 'grid', 'x1')),
    );
  });

  it('shows names as they are, whatever letters they have', () => {
    const svg = bars(bar({ label: 'a < b & "c"' }));
    expect(svg).toContain('>a &lt; b &amp; &quot;c&quot;<');
  });
});

describe('a chart of lines', () => {
  const chart = (lines: Parameters<typeof lineChart>[0]['lines']) =>
    lineChart({
      title: 'Holds by connections',
      subtitle: '',
      x: { label: 'connections', scale: 'log' },
      y: { label: 'holds a second', scale: 'linear' },
      lines,
      target: { value: 500, text: 'the target' },
      footer: [],
    });

  it('has a name and a stroke of its own for each line, and a point for each measurement', () => {
    const names = ['SQLite', 'MariaDB', 'PostgreSQL'];
    const svg = chart(
      names.map((name) => ({
        name,
        points: [
          [1, 10],
          [10, 100],
          [100, 1000],
        ] as const,
      })),
    );
    for (const name of names) {
      expect(svg).toContain(`>${name}<`);
    }
    expect(svg.match(/<circle /g)).toHaveLength(9);
    expect(new Set(svg.match(/<polyline class="line" stroke="[^"]+"/g)).size).toBe(3);
    expect(svg).toContain('>the target<');
  });

  it('goes up and to the right with greater values', () => {
    const svg = chart([
      {
        name: 'SQLite',
        points: [
          [1, 10],
          [10, 100],
          [1000, 1000],
        ],
      },
    ]);
    const places =
      /points="([^"]+)"/
        .exec(svg)?.[1]
        ?.split(' ')
        .map((place) => place.split(',').map(Number)) ?? [];
    const [xs, ys] = [places.map(([x = 0]) => x), places.map(([, y = 0]) => y)];
    expect(xs).toEqual(xs.toSorted((a, b) => a - b));
    expect(ys).toEqual(ys.toSorted((a, b) => b - a));
    expect(new Set([...xs, ...ys]).size).toBe(6);
  });
});
