import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchFlags } from './bench-program.ts';
import { CommandError } from './failure.ts';

const checkoutFolder = join(import.meta.dirname, '../..');

/** What a checkout has and an installed service has not. */
const needed = ['bench', 'test/support', 'node_modules/vitest'];

/**
 * Measures this service on this machine. The exit code is 0 when all was measured and every audit was clean; a target that is missed is
 * only shown.
 *
 * @throws CommandError outside of a checkout with its tools
 */
export async function bench(flags: BenchFlags): Promise<void> {
  const missing = needed.find((path) => !existsSync(join(checkoutFolder, path)));
  if (missing !== undefined) {
    throw new CommandError(
      `Measuring needs a checkout with its development tools, and here is no ${missing}: clone the project and run "npm ci && npm run bench" in it`,
    );
  }
  const { runBench } = await import('../../bench/run-bench.ts');
  await runBench(flags);
}
