import { withRedis } from '../redis/connect.ts';
import { clearChannel, everySnapshot } from './redis-snapshot-cache.ts';

/**
 * Removes all snapshots from Redis, and then tells all nodes to forget theirs: in this order, since a node that
 * has forgotten looks there first.
 *
 * @returns how many were removed, and how many processes were told
 * @throws Error that says why Redis cannot be used
 */
export function clearSharedSnapshots(url: string): Promise<{ removed: number; told: number }> {
  return withRedis(url, async (redis) => {
    let removed = 0;
    for await (const keys of redis.scanStream({ match: everySnapshot, count: 1000 })) {
      removed += keys.length === 0 ? 0 : await redis.unlink(...keys);
    }
    return { removed, told: await redis.publish(clearChannel, '') };
  });
}
