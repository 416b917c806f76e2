import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition of the running system holds, asking often; the test's own time limit ends a wait in
 * vain.
 *
 * @param ask resolves to the value that was waited for, or to undefined or false as long as it is not there
 * @param everyMs how often to ask; less often where many wait at once
 * @param patience ends a wait in vain where no test does
 */
export async function until<Value>(
  ask: () => Value | Promise<Value>,
  everyMs = 5,
  patience?: AbortSignal,
): Promise<Exclude<Value, undefined | false>> {
  for (;;) {
    const value = await ask();
    if (value !== undefined && value !== false) {
      return value as Exclude<Value, undefined | false>;
    }
    await pause(everyMs, undefined, patience === undefined ? {} : { signal: patience });
  }
}
