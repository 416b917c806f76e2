import { Random } from '../stories/random.ts';
import { Stories } from '../stories/stories.ts';
import type { Fault, Plan, Shop } from './plan.ts';

/** When the last buyer comes. Deadlines of the first ones pass before. */
const comingMs = 4_000;

/** The plan of a seed: the same seed, the same plan. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const shop = shopOf(random);
  const stories = new Stories(random, {
    nodes: shop.nodes,
    quantities: [1, 1, 1, 2, shop.stock],
    names: ['order', 'order', 'order', 'hold', 'order soon'],
    factsChance: 0.3,
  });
  const ordersChance = random.pick([0.2, 0.8, 0.9]);
  const buyers = 3 + random.below(5);
  for (let buyer = 0; buyer < buyers; buyer += 1) {
    const comesAtMs = random.between(0, comingMs);
    stories.addBuyer({ buyer, comesAtMs, productId: 1 + random.below(shop.products), ordersChance });
  }
  addHousekeeping(stories, random, shop);
  return { seed, shop, steps: stories.all, faults: faultsOf(random, shop) };
}

function shopOf(random: Random): Shop {
  const nodes = random.pick([1, 2, 2, 2, 3]);
  const database = nodes > 1 && random.chance(0.25) ? 'cluster' : 'server';
  return {
    nodes,
    database,
    clockOffsetsMs:
      database === 'cluster' ? Array.from({ length: nodes }, () => random.pick([0, 0, 100, -400])) : [0],
    products: random.pick([1, 1, 2]),
    stock: random.pick([1, 1, 2, 2, 3]),
    holdSeconds: random.pick([1, 2]),
    paymentSeconds: random.pick([1, 2, 3]),
    parkedSeconds: random.pick([2, 6]),
    parkedMax: random.pick([1, 3]),
    batchMax: random.pick([1, 2, 50]),
    queueMax: random.pick([2, 100, 100]),
    requestTimeoutMs: random.pick([150, 600, 1500]),
    clientTimeoutMs: random.pick([100, 500, 2000]),
    overdueRowsMax: random.pick([1, 1000]),
  };
}

function addHousekeeping(stories: Stories, random: Random, shop: Shop): void {
  for (const kind of ['expire', 'expire', 'recheck', 'settle', 'settle'] as const) {
    if (random.chance(0.5)) {
      stories.add(-1, random.between(500, comingMs + 3_000), { kind });
    }
  }
  if (random.chance(0.25)) {
    stories.add(-1, random.between(0, comingMs), {
      kind: 'restock',
      productId: 1 + random.below(shop.products),
      change: random.pick([1, 1, -1]),
    });
  }
  if (random.chance(0.15)) {
    stories.addStranger(random.between(0, comingMs));
  }
}

/** Nothing goes wrong in some runs: then nobody has an excuse. */
function faultsOf(random: Random, { nodes }: Shop): Fault[] {
  const count = random.chance(0.1) ? 0 : 1 + random.below(7);
  return Array.from({ length: count }, () => {
    const at = { atMs: Math.round(random.between(0, comingMs + 1_000)), node: random.below(nodes) };
    const forMs = Math.round(random.between(5, random.pick([100, 1_000, 3_000])));
    const kind = random.pick([
      'crash',
      'crash before commit',
      'crash after commit',
      'commit lost',
      'commit lost',
      'commit lost',
      'connection lost',
      'deadlock',
      'id taken',
      'read fails',
      'database away',
      'slow statement',
      'freeze',
      'answer lost',
      'request lost',
      'clock jump',
    ]);
    switch (kind) {
      case 'commit lost':
        return { ...at, kind, forMs, tookPlace: random.pick(['before', 'later', 'never']) };
      case 'freeze':
        return { ...at, kind, forMs: random.pick([200, 1_000, 6_000]) };
      case 'clock jump':
        return { ...at, kind, byMs: random.pick([-1_500, -300, 300, 1_500]) };
      case 'deadlock':
      case 'id taken':
      case 'read fails':
      case 'database away':
      case 'answer lost':
      case 'request lost':
        return { ...at, kind };
      default:
        return { ...at, kind, forMs };
    }
  });
}
