import { spawnSync } from 'node:child_process';
import { programPath } from './programs.ts';

/** What `promtool` said, and whether it was content. */
export function promtool(
  given: readonly string[],
  input = '',
): { readonly ok: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(programPath('promtool') ?? 'promtool', given, {
    input,
    encoding: 'utf8',
  });
  return { ok: status === 0, said: stdout + stderr };
}
