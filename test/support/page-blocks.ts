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
  /** The test file that runs the block, where it needs more than a service, from the comment directly before it. */
  readonly runBy: string | null;
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
    const comment = lines[at - 1] ?? '';
    const [, notRun = null] = /^ *<!-- not run in tests: (.+) -->$/.exec(comment) ?? [];
    const [, runBy = null] = /^ *<!-- run in tests by (\S+) -->$/.exec(comment) ?? [];
    const inside = lines.slice(at + 1, end).map((each) => each.slice(indent.length));
    blocks.push({ line: at + 1, language: language.trim(), lines: inside, heading, notRun, runBy });
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

/**
 * A JSON value for a comparison of an answer with the one that a page shows: keys and values at every depth, in any order of keys.
 * What differs from run to run, ids and texts with an id or a time in them, counts by its type alone.
 */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(comparable);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
  }
  if (typeof value === 'number') {
    return value >= 1e9 ? 'an id' : value;
  }
  return typeof value === 'string' ? value.replace(/^.*\d{4}.*$/, 'a text with an id or a time') : value;
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
