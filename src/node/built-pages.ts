import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/options.ts';

/** The folder of the pages that are to be served, if they were built. */
export function builtPages({ pages }: Pick<Config, 'pages'>): string | undefined {
  const folder = fileURLToPath(new URL('../../dist/web', import.meta.url));
  return pages && existsSync(`${folder}/index.html`) ? folder : undefined;
}
