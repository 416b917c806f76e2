import { flushCompileCache } from 'node:module';

/**
 * Writes what was compiled for the next start. Node does so when a process ends by itself; one that serves may be killed, so it does
 * not wait for that.
 */
export function keepCompiled(): void {
  flushCompileCache();
}
