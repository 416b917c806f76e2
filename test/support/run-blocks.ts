import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { endGroup } from './end-group.ts';
import type { FreshClone } from './fresh-clone.ts';
import type { PageBlock } from './page-blocks.ts';

/** The address that the pages show. The blocks reach the service of the test in its place. */
const shownOrigin = 'http://127.0.0.1:8000';

/** What one block printed on standard output. */
export type BlockOutput = { readonly block: PageBlock; readonly stdout: string };

/**
 * Runs the blocks of a page in one `bash -euo pipefail`, so that later blocks see the variables of earlier ones.
 * It throws with the file, the line, the command and the output when a command fails.
 */
export async function runBlocks(
  path: string,
  blocks: readonly PageBlock[],
  clone: FreshClone,
): Promise<readonly BlockOutput[]> {
  const folder = mkdtempSync(join(clone.folder, '..', 'blocks-'));
  const outputs = (block: PageBlock) => ({
    stdout: join(folder, `${block.line}.out`),
    stderr: join(folder, `${block.line}.err`),
  });
  const script = join(folder, 'blocks.sh');
  writeFileSync(script, scriptOf(blocks, outputs, join(folder, 'failed')).replaceAll(shownOrigin, clone.url));
  // A newcomer sees an error answer at once. The test sees it by curl's exit code.
  writeFileSync(join(clone.variables.HOME ?? '', '.curlrc'), 'fail-with-body\n');
  const bash = spawn('bash', ['-euo', 'pipefail', script], {
    cwd: clone.folder,
    env: clone.variables,
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = once(bash, 'exit');
  onTestFinished(() => endGroup(bash.pid));
  const [code, signal] = await ended;
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  if (code !== 0) {
    const begun = blocks.filter((block) => existsSync(outputs(block).stderr));
    const last = begun.at(-1);
    const line = Number(/^\d+/.exec(read(join(folder, 'failed')))?.[0] ?? last?.line);
    const at = `${line}: ${last?.lines[line - last.line - 1] ?? last?.lines.join('\n')}`;
    const said = last === undefined ? '' : read(outputs(last).stdout) + read(outputs(last).stderr);
    throw new Error(`${path}:${at}\nended with ${code ?? signal} and printed:\n${said}`);
  }
  return blocks.map((block) => ({ block, stdout: read(outputs(block).stdout) }));
}

/** Line n of the script is line n of the page, so that bash names the line of the page. */
function scriptOf(
  blocks: readonly PageBlock[],
  outputs: (block: PageBlock) => { readonly stdout: string; readonly stderr: string },
  failedFile: string,
): string {
  const script = [`set -E; trap 'echo $LINENO >>"${failedFile}"' ERR`];
  for (const block of blocks) {
    const { stdout, stderr } = outputs(block);
    script[block.line - 1] = `${script[block.line - 1] ?? ''}\nexec >'${stdout}' 2>'${stderr}'`.trimStart();
    for (const [index, line] of block.lines.entries()) {
      script[block.line + index] = line;
    }
  }
  return `${Array.from(script, (line = '') => line).join('\n')}\n`;
}
