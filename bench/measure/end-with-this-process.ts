import type { ChildProcess } from 'node:child_process';

/**
 * Ends a child with this process at the latest. An interrupt ends this process at once; the child would go on, and load a port or write
 * into a folder that others may have by then.
 */
export function endWithThisProcess(child: ChildProcess): void {
  const killIt = (): void => void child.kill('SIGKILL');
  // Before the folder goes that it writes into.
  process.prependOnceListener('exit', killIt);
  child.once('exit', () => process.off('exit', killIt));
}
