import type { RedisLink } from '../redis/redis-link.ts';
import type { SecondsLink } from './seconds-link.ts';

const channel = 'seconds';

/** To the processes of all nodes. Redis gives back to each what it has sent itself, too. */
export function redisSecondsLink(link: RedisLink): SecondsLink {
  return {
    share: (text) => {
      link.ask((redis, named) => redis.publish(named(channel), text));
    },
    listen: (hear) => link.listen(channel, hear),
  };
}
