import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartData } from './chart-data.ts';
import { timeText } from './format.ts';

export type Line = {
  readonly name: string;
  /** A custom property of the style sheet. */
  readonly color: string;
  /** Lengths of dashes and gaps, so that lines differ by more than colour. */
  readonly dash: readonly number[];
};

type LineChartProps = {
  readonly lines: readonly Line[];
  readonly data: ChartData;
  /** The top of the scale while every value is lower. */
  readonly topMin: number;
  /** What the chart shows, in words. */
  readonly alternative: string;
};

const heightPx = 156;
/** How far lines of the grid may be apart. */
const gridSeconds = [10, 30, 60, 120];

/** Lines over the last five minutes. The canvas is drawn anew each second, without an animation. */
export function LineChart({ lines, data, topMin, alternative }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);

  useEffect(() => {
    const parent = box.current;
    if (parent === null) {
      return;
    }
    const made = new uPlot(optionsFor(lines, topMin, parent.clientWidth), [[]], parent);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: heightPx }));
    resized.observe(parent);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => made.redraw();
    scheme.addEventListener('change', redraw);
    return () => {
      scheme.removeEventListener('change', redraw);
      resized.disconnect();
      made.destroy();
    };
  }, [lines, topMin]);

  useEffect(() => {
    plot.current?.setData([[...data.instants], ...data.values.map((values) => [...values])]);
  }, [data]);

  return <div class="chart" role="img" aria-label={alternative} ref={box} />;
}

function optionsFor(lines: readonly Line[], topMin: number, width: number): uPlot.Options {
  // Asked for at each drawing, because light may have become dark.
  const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const grid = { stroke: () => color('--line'), width: 1 };
  const axis = {
    stroke: () => color('--muted'),
    font: '11px system-ui, sans-serif',
    grid,
    ticks: { show: false },
  };
  return {
    width,
    height: heightPx,
    // Half a time label on the right: the last one is centred below the end of the line, and was cut off there.
    padding: [6, 26, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { range: (_plot, min, max) => [min, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(topMin, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 3,
        space: 64,
        incrs: [...gridSeconds],
        values: (_plot, instants) => instants.map((instant) => timeText(instant * 1_000)),
      },
      { ...axis, size: 40, gap: 4, space: 28 },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.name,
        stroke: () => color(line.color),
        width: 1.75,
        dash: [...line.dash],
        points: { size: 4, filter: (plot: uPlot, nth: number) => lonely(plot.data[nth] ?? []) },
      })),
    ],
  };
}

/** Where a value stands between gaps: no line leads to it, so it is drawn as a point. */
function lonely(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values).flatMap((value, index, all) =>
    value != null && all[index - 1] == null && all[index + 1] == null ? [index] : [],
  );
}
