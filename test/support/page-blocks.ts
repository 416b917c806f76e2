/** A fenced block of a Markdown page. */
export type PageBlock = {
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
  /** The nearest heading above the block. */
  readonly heading: string;
  /** Why the block is not run in the tests, from the comment directly before it. */
  readonly notRun: string | null;
};

const shellLanguages: ReadonlySet<string> = new Set(['bash', 'sh', 'shell', 'console']);

export function isShell({ language }: PageBlock): boolean {
  return shellLanguages.has(language);
}

/** The blocks of a page, in order. A block inside a list may be indented. */
export function blocksOf(page: string): readonly PageBlock[] {
  const blocks: PageBlock[] = [];
  const lines = page.split('\n');
  let heading = '';
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const fence = /^( *)```(.*)$/.exec(line);
    if (fence === null) {
      heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
      continue;
    }
    const [, indent = '', language = ''] = fence;
    const end = lines.findIndex((each, index) => index > at && each.trim() === '```');
    if (end === -1) {
      throw new Error(`The block that line ${at + 1} opens is not closed`);
    }
    const [, notRun = null] = /^ *<!-- not run in tests: (.+) -->$/.exec(lines[at - 1] ?? '') ?? [];
    const inside = lines.slice(at + 1, end).map((each) => each.slice(indent.length));
    blocks.push({ line: at + 1, language: language.trim(), lines: inside, heading, notRun });
    at = end;
  }
  return blocks;
}

/**
 * The JSON answer that a page shows after each command: the `json` block that follows the shell block under the same heading.
 */
export function answersShown(blocks: readonly PageBlock[]): ReadonlyMap<PageBlock, PageBlock> {
  const shown = new Map<PageBlock, PageBlock>();
  for (const [index, block] of blocks.entries()) {
    const before = blocks[index - 1];
    if (
      block.language === 'json' &&
      before !== undefined &&
      isShell(before) &&
      before.heading === block.heading
    ) {
      shown.set(before, block);
    }
  }
  return shown;
}

/** The keys of a JSON value, at every depth. Lists count as their first element. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.slice(0, 1).map(shapeOf);
  }
  if (typeof value !== 'object' || value === null) {
    return 'value';
  }
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, shapeOf(inner)]),
  );
}

/** The last line of a command's output that is a JSON object, or the whole output when it is one. */
export function jsonIn(output: string): unknown {
  for (const text of [output, ...output.trim().split('\n').toReversed()]) {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object') {
        return value;
      }
    } catch {
      // Not JSON: the next candidate.
    }
  }
  return undefined;
}
