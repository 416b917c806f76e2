import { reachesTarget, type Target, targetText } from '../measure/measurement.ts';
import { type Scale, type ScaleKind, scaleOf } from './scale.ts';
import { footHeight, headHeight, lineBetween, rounded, svgText, textAt } from './svg.ts';

export type Bar = {
  /** What it is, in up to about 45 letters. */
  readonly label: string;
  /** Small, below the label, in up to about 60 letters: the absolute figures behind a ratio. */
  readonly note: string;
  readonly value: number;
  /** The value as it is written at the end of the row: `0.84`, `31 ×`. */
  readonly text: string;
  readonly target: Target | null;
};

/** Bars that share a scale. */
export type BarPanel = {
  readonly heading: string;
  /** `steps` has no meaning for bars. */
  readonly scale: Exclude<ScaleKind, 'steps'>;
  readonly bars: readonly Bar[];
};

export type BarChart = {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly BarPanel[];
  readonly footer: readonly string[];
};

const width = 880;
const [barsLeft, barsRight, textLeft] = [360, 730, 748];
const [panelGap, headingHeight, rowHeight, barHeight] = [18, 30, 42, 16];
const tickHeight = 20;

/**
 * Horizontal bars, panel below panel, each with a stroke where its target is. Whether a target is reached is said by a word as well as by
 * the colour.
 */
export function barChart({ title, subtitle, panels, footer }: BarChart): string {
  const body: string[] = [];
  let top = headHeight;
  for (const panel of panels) {
    body.push(...panelElements(panel, top));
    top += panelHeight(panel);
  }
  const height = top + footHeight(footer.length);
  return svgText({ width, height, title, subtitle, footer, body });
}

function panelHeight({ bars }: BarPanel): number {
  return headingHeight + bars.length * rowHeight + tickHeight + panelGap;
}

function panelElements({ heading, scale: kind, bars }: BarPanel, top: number): string[] {
  const numbers = bars.flatMap(({ value, target }) => [value, ...(target === null ? [] : [limitOf(target)])]);
  // On a scale of logarithms a bar begins at 1: as fast as the other.
  const scale = scaleOf(kind, kind === 'log' ? [1, ...numbers] : numbers, [barsLeft, barsRight]);
  const rowsTop = top + headingHeight;
  const rowsBottom = rowsTop + bars.length * rowHeight;
  const grid = scale.ticks.flatMap(({ value, text }) => [
    lineBetween([scale.at(value), rowsTop], [scale.at(value), rowsBottom], 'grid'),
    textAt(scale.at(value), rowsBottom + 14, text, { className: 'small', anchor: 'middle' }),
  ]);
  return [
    textAt(20, top + 18, heading, { className: 'heading' }),
    ...grid,
    ...bars.flatMap((bar, index) => barElements(bar, scale, rowsTop + index * rowHeight)),
  ];
}

function barElements(row: Bar, scale: Scale, top: number): string[] {
  const { label, note, value, text, target } = row;
  const start = scale.ticks[0]?.value ?? 0;
  const left = scale.at(start);
  const length = Math.max(1, scale.at(Math.max(value, start)) - left);
  const result = target === null ? 'informs' : reachesTarget(row) ? 'reached' : 'missed';
  const bar = `<rect class="${result}" x="${rounded(left)}" y="${top + 8}" width="${rounded(length)}" height="${barHeight}" rx="2"/>`;
  const elements = [
    textAt(20, top + 19, label),
    textAt(20, top + 34, note, { className: 'small' }),
    bar,
    textAt(textLeft, top + 20, text, { className: 'heading' }),
  ];
  if (target === null) {
    return elements;
  }
  const x = scale.at(limitOf(target));
  return [
    ...elements,
    lineBetween([x, top + 3], [x, top + 13 + barHeight], 'target'),
    textAt(textLeft, top + 34, `${result}: ${targetText(target)}`, { className: `small mark-${result}` }),
  ];
}

function limitOf(target: Target): number {
  return 'atLeast' in target ? target.atLeast : target.atMost;
}
