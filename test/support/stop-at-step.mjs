/**
 * Loaded before a command: kills it in the middle of its work on files, right after the step that STOP_AT counts. A step is a change of
 * names or a flush. The number of steps is on standard error when it came to its end.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const stopAt = Number(process.env.STOP_AT);
let steps = 0;

for (const name of /** @type {const} */ (['linkSync', 'renameSync', 'unlinkSync', 'fsyncSync'])) {
  const original = /** @type {(...given: unknown[]) => unknown} */ (fs[name]);
  Object.assign(fs, {
    /** @param {unknown[]} given */
    [name]: (...given) => {
      if (name === 'linkSync' && process.env.WITHOUT_LINKS !== undefined) {
        throw Object.assign(new Error('this file system has none'), { code: 'EPERM' });
      }
      const result = original(...given);
      steps += 1;
      if (steps === stopAt) {
        process.kill(process.pid, 'SIGKILL');
      }
      return result;
    },
  });
}
syncBuiltinESMExports();
if (isMainThread) {
  process.on('exit', () => process.stderr.write(`steps: ${steps}\n`));
}
