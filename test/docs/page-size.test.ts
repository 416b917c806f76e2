import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildPages, builtPagesFolder } from '../support/built-pages.ts';

/** What a buyer loads on a bad connection in a hurry. */
const storefrontBytesMax = 40_000;

/** A page, and every file that it or one of its files names. */
function filesOf(page: string): readonly string[] {
  const files = new Set([page]);
  for (const file of files) {
    const text = readFileSync(join(builtPagesFolder, file), 'utf8');
    for (const [, name = ''] of text.matchAll(
      /["'`(](?:\.?\/)?((?:assets\/)?[\w.-]+\.(?:js|css|svg))["'`)]/g,
    )) {
      const found = [name, `assets/${name}`].find((path) => existsSync(join(builtPagesFolder, path)));
      if (found !== undefined) {
        files.add(found);
      }
    }
  }
  return [...files];
}

beforeAll(buildPages);

test('the storefront is small: all that it loads, compressed', () => {
  const files = filesOf('index.html');
  expect(files.map((file) => file.replace(/-[\w-]{8}\./, '.'))).toEqual(
    expect.arrayContaining(['index.html', 'icon.svg', 'assets/index.js', 'assets/index.css']),
  );
  const sizes = files.map(
    (file) => gzipSync(readFileSync(join(builtPagesFolder, file)), { level: 9 }).length,
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(storefrontBytesMax);
});

test('a file that the storefront shares with the console is counted too', () => {
  expect(filesOf('index.html').length).toBeGreaterThanOrEqual(5);
});
