/** What a picture is made of, and what it is called for those who do not see it. */
export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  /** Lines of small text at the bottom: machine, date, how it was measured. */
  readonly footer: readonly string[];
  /** Elements between title and footer, below `headHeight`. */
  readonly body: readonly string[];
};

/** What title and subtitle take at the top. */
export const headHeight = 64;
const footerLineHeight = 16;
const margin = 20;

/** What so many lines of a footer take at the bottom. */
export function footHeight(lines: number): number {
  return lines * footerLineHeight + margin;
}

/**
 * The picture brings its own ground, so it is readable wherever it is shown; where the reader prefers dark pages the ground is dark. No
 * font is named: the system's own is used.
 */
const style = `
  .ground { fill: #ffffff; stroke: #d0d7de; }
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; fill: #1f2328; }
  .title { font-size: 18px; font-weight: 600; }
  .heading { font-weight: 600; }
  .small { font-size: 11px; fill: #59636e; }
  .grid { stroke: #d8dee4; stroke-width: 1; }
  .axis { stroke: #818b98; stroke-width: 1; }
  .target { stroke: #1f2328; stroke-width: 2; }
  .reached { fill: #1a7f5a; } .missed { fill: #c4501b; } .informs { fill: #6b7f99; }
  .mark-reached { fill: #14694a; } .mark-missed { fill: #a9430f; }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .grid { stroke: #262c36; }
    .axis { stroke: #656c76; }
    .target { stroke: #f0f6fc; }
    .reached { fill: #2f9e74; } .missed { fill: #e0703a; } .informs { fill: #7d90aa; }
    .mark-reached { fill: #4cc598; } .mark-missed { fill: #f29467; }
  }`;

/** The whole SVG file. */
export function svgText({ width, height, title, subtitle, footer, body }: Picture): string {
  const footerTop = height - footHeight(footer.length) + footerLineHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    textAt(margin, 30, title, { className: 'title' }),
    textAt(margin, 50, subtitle, { className: 'small' }),
    ...body,
    ...footer.map((line, index) =>
      textAt(margin, footerTop + index * footerLineHeight, line, { className: 'small' }),
    ),
    '</svg>\n',
  ].join('\n');
}

export type TextLook = { readonly className?: string; readonly anchor?: 'start' | 'middle' | 'end' };

/** One line of text whose baseline is at `y`. */
export function textAt(x: number, y: number, content: string, look: TextLook = {}): string {
  const className = look.className === undefined ? '' : ` class="${look.className}"`;
  const anchor = look.anchor === undefined ? '' : ` text-anchor="${look.anchor}"`;
  return `<text x="${rounded(x)}" y="${rounded(y)}"${className}${anchor}>${escaped(content)}</text>`;
}

export function lineBetween(
  from: readonly [number, number],
  to: readonly [number, number],
  className: string,
): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(rounded);
  return `<line class="${className}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** Text as it may stand between tags and in attributes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A tenth of a pixel is all that anybody sees, and keeps files small and alike. */
export function rounded(length: number): number {
  return Math.round(length * 10) / 10;
}
