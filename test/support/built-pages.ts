import { resolve } from 'node:path';
import { inject } from 'vitest';

/** Where the pages are once they are built. */
export const builtPagesFolder = resolve('dist/web');

/** Makes sure that the pages are built from the files as they are now. The first test file of a run that asks has them built. */
export async function buildPages(): Promise<void> {
  const answer = await fetch(`${inject('serversUrl')}/pages`);
  if (!answer.ok) {
    throw new Error(`the pages cannot be built: ${await answer.text()}`);
  }
}
