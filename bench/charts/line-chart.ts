import { type Scale, type ScaleKind, scaleOf } from './scale.ts';
import { footHeight, headHeight, lineBetween, rounded, svgText, textAt } from './svg.ts';

export type Axis = {
  /** What is counted, with its unit: `connections`, `holds a second`. */
  readonly label: string;
  readonly scale: ScaleKind;
};

export type Line = {
  readonly name: string;
  /** Pairs of x and y, in ascending order of x. */
  readonly points: readonly (readonly [number, number])[];
};

export type LineChart = {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  /** `steps` has no meaning here. */
  readonly y: Axis & { readonly scale: Exclude<ScaleKind, 'steps'> };
  /** Up to six: there are as many colours, each readable on both grounds. */
  readonly lines: readonly Line[];
  /** A stroke across the chart at a value of y. */
  readonly target?: { readonly value: number; readonly text: string };
  readonly footer: readonly string[];
};

const width = 760;
const plotHeight = 280;
const [left, right] = [76, 730];
const legendHeight = 26;

/** Each with a dash of its own, so that lines are told apart without their colours too. */
const looks = [
  { colour: '#2f81f7', dash: '' },
  { colour: '#c9641b', dash: '7 3' },
  { colour: '#2a9d6a', dash: '2 3' },
  { colour: '#a35bd6', dash: '9 3 2 3' },
  { colour: '#d1477f', dash: '4 2' },
  { colour: '#8a7a1f', dash: '12 4' },
] as const;

/** Lines over an axis, with a legend above and a point at each measurement. */
export function lineChart({ title, subtitle, x, y, lines, target, footer }: LineChart): string {
  const legends = legendRows(lines.map(({ name }) => name));
  const top = headHeight + legends.length * legendHeight;
  const bottom = top + plotHeight;
  const points = lines.flatMap((line) => line.points);
  const heights = [...points.map(([, value]) => value), ...(target === undefined ? [] : [target.value])];
  const across = scaleOf(
    x.scale,
    points.map(([value]) => value),
    [left, right],
    8,
  );
  const up = scaleOf(y.scale, heights, [bottom, top]);
  return svgText({
    width,
    height: bottom + 52 + footHeight(footer.length),
    title,
    subtitle,
    footer,
    body: [
      ...legends.flatMap((row, index) => legendElements(row, headHeight + index * legendHeight)),
      ...axisElements(across, up, bottom),
      textAt((left + right) / 2, bottom + 38, x.label, { className: 'small', anchor: 'middle' }),
      turnedText(18, (top + bottom) / 2, y.label),
      ...(target === undefined ? [] : targetElements(target, up)),
      ...lines.flatMap((line, index) => lineElements(line, index, across, up)),
    ],
  });
}

function axisElements(across: Scale, up: Scale, bottom: number): string[] {
  return [
    ...up.ticks.flatMap(({ value, text }) => [
      lineBetween([left, up.at(value)], [right, up.at(value)], 'grid'),
      textAt(left - 8, up.at(value) + 4, text, { className: 'small', anchor: 'end' }),
    ]),
    lineBetween([left, bottom], [right, bottom], 'axis'),
    ...across.ticks.flatMap(({ value, text }) => [
      lineBetween([across.at(value), bottom], [across.at(value), bottom + 4], 'axis'),
      textAt(across.at(value), bottom + 18, text, { className: 'small', anchor: 'middle' }),
    ]),
  ];
}

function targetElements({ value, text }: { value: number; text: string }, up: Scale): string[] {
  return [
    lineBetween([left, up.at(value)], [right, up.at(value)], 'target'),
    textAt(right, up.at(value) - 5, text, { className: 'small', anchor: 'end' }),
  ];
}

function lineElements({ points }: Line, index: number, across: Scale, up: Scale): string[] {
  const places = points.map(([x, y]) => [rounded(across.at(x)), rounded(up.at(y))] as const);
  const { colour } = lookOf(index);
  return [
    `<polyline class="line" ${strokeOf(index)} points="${places.map((place) => place.join(',')).join(' ')}"/>`,
    ...places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
  ];
}

type LegendEntry = { readonly name: string; readonly index: number; readonly x: number };

/** Names beside each other as long as there is room, by about 7 pixels a letter. */
function legendRows(names: readonly string[]): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let x = right;
  for (const [index, name] of names.entries()) {
    const entryWidth = 56 + 7 * name.length;
    if (x + entryWidth > right) {
      rows.push([]);
      x = left;
    }
    rows.at(-1)?.push({ name, index, x });
    x += entryWidth;
  }
  return rows;
}

function legendElements(row: readonly LegendEntry[], top: number): string[] {
  return row.flatMap(({ name, index, x }) => [
    `<path class="line" ${strokeOf(index)} d="M${x} ${top + 8}h28"/>`,
    textAt(x + 34, top + 12, name),
  ]);
}

function lookOf(index: number): (typeof looks)[number] {
  const look = looks[index];
  if (look === undefined) {
    throw new Error(`expected up to ${looks.length} lines, got line ${index + 1}`);
  }
  return look;
}

function strokeOf(index: number): string {
  const { colour, dash } = lookOf(index);
  return `stroke="${colour}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

function turnedText(x: number, y: number, content: string): string {
  return textAt(0, 0, content, { className: 'small', anchor: 'middle' }).replace(
    ' x="0" y="0"',
    ` transform="translate(${x} ${rounded(y)}) rotate(-90)"`,
  );
}
