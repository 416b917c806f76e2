import { configFrom, type Flags } from './config-flags.ts';

/**
 * Says what becomes of product snapshots: servers keep them in memory of their own, which no other process
 * reaches.
 */
export async function cacheClear(flags: Flags): Promise<void> {
  const { cacheTtlMs } = configFrom(flags);
  process.stdout.write(
    `Nothing to clear: each server keeps product snapshots in its own memory, none older than ${cacheTtlMs} ms, ` +
      'and no hold is decided by them\n',
  );
}
