import { spawnSync } from 'node:child_process';
import { found } from './servers.ts';

const program = found('promtool');

/** True: Prometheus' own checker is not installed. Its tests are reported as skipped, which `REQUIRE_SERVICES=1` forbids. */
export const noPromtool = program === null;

/** What `promtool` said, and whether it was content. */
export function promtool(
  given: readonly string[],
  input = '',
): { readonly ok: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(program ?? 'promtool', given, { input, encoding: 'utf8' });
  return { ok: status === 0, said: stdout + stderr };
}
