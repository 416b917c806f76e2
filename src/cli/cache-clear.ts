import { clearSharedSnapshots } from '../cache/clear-shared-snapshots.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { CommandError } from './failure.ts';

/** Removes the product snapshots from Redis and tells all servers there to forget theirs. */
export async function cacheClear(flags: Flags): Promise<void> {
  const { cacheTtlMs, redisUrl } = configFrom(flags);
  if (redisUrl === null) {
    process.stdout.write(
      `Nothing to clear: without REDIS_URL each server keeps product snapshots in its own memory, none older ` +
        `than ${cacheTtlMs} ms, and no hold is decided by them\n`,
    );
    return;
  }
  const { removed, told } = await clearSharedSnapshots(redisUrl).catch((error: Error) => {
    throw new CommandError(`Redis cannot be used (${error.message}): check REDIS_URL and Redis`);
  });
  process.stdout.write(`Removed ${removed} shared snapshots; processes told to forget theirs: ${told}\n`);
}
