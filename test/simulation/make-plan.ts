import type { Fault, Plan, Shop, Step, StepKind } from './plan.ts';
import { Random } from './random.ts';

/** When the last buyer comes. Deadlines of the first ones pass before. */
const comingMs = 4_000;

/** The plan of a seed: the same seed, the same plan. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const shop = shopOf(random);
  const steps = new Steps(random, shop);
  const buyers = 3 + random.below(5);
  for (let buyer = 0; buyer < buyers; buyer += 1) {
    steps.addBuyer(buyer);
  }
  steps.addHousekeeping();
  return { seed, shop, steps: steps.all, faults: faultsOf(random, shop) };
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

/** What everybody does, one story after the other. */
class Steps {
  readonly all: Step[] = [];
  readonly #random: Random;
  readonly #shop: Shop;
  /** How many of the buyers order. Where few do, holds run out one after the other. */
  readonly #ordersChance: number;

  constructor(random: Random, shop: Shop) {
    this.#random = random;
    this.#shop = shop;
    this.#ordersChance = random.pick([0.2, 0.8, 0.9]);
  }

  /** A buyer holds units and mostly goes on from there, in one of many ways. */
  addBuyer(buyer: number): void {
    const random = this.#random;
    const comesAtMs = random.between(0, comingMs);
    const hold = this.#add(buyer, comesAtMs, {
      kind: 'hold',
      productId: 1 + random.below(this.#shop.products),
      quantity: random.pick([1, 1, 1, 2, this.#shop.stock]),
      idempotencyKey: this.#keyOrNone(0.7),
    });
    const orders = random.chance(this.#ordersChance);
    const order = orders
      ? this.#add(buyer, this.#soonOrAtASecond(comesAtMs), {
          kind: 'order',
          hold,
          idempotencyKey: this.#keyOrNone(0.8),
        })
      : hold;
    const orderedAtMs = this.all.at(-1)?.atMs ?? comesAtMs;
    if (random.chance(0.1)) {
      this.#add(buyer, orderedAtMs, { kind: 'order', hold, idempotencyKey: this.#keyOrNone(0.8) });
    }
    if (random.chance(0.15)) {
      this.#add(buyer, this.#soonOrAtASecond(comesAtMs), { kind: 'release', hold });
    }
    if (orders && random.chance(0.15)) {
      this.#add(buyer, this.#soonOrAtASecond(orderedAtMs), { kind: 'cancel', order });
    }
    if (random.chance(orders ? 0.8 : 0.2)) {
      this.#addPayments(buyer, orders ? orderedAtMs : comesAtMs, hold, order);
    }
  }

  addHousekeeping(): void {
    const random = this.#random;
    for (const kind of ['expire', 'expire', 'recheck', 'settle', 'settle'] as const) {
      if (random.chance(0.5)) {
        this.#add(-1, random.between(500, comingMs + 3_000), { kind });
      }
    }
    if (random.chance(0.25)) {
      this.#add(-1, random.between(0, comingMs), {
        kind: 'restock',
        productId: 1 + random.below(this.#shop.products),
        change: random.pick([1, 1, -1]),
      });
    }
    if (random.chance(0.15)) {
      const atMs = random.between(0, comingMs);
      const id = this.all.length;
      this.#addPayment(-1, atMs, { hold: id, order: id, names: 'stranger', status: 'paid' });
    }
  }

  #addPayments(buyer: number, afterMs: number, hold: number, order: number): void {
    const random = this.#random;
    const isOrdered = order !== hold;
    const names = isOrdered ? random.pick(['order', 'order', 'order', 'hold', 'order soon']) : 'hold';
    const status = random.chance(0.15) ? 'failed' : 'paid';
    // Of early ones some come before the order is asked for.
    const atMs = names === 'order' ? this.#soonOrAtASecond(afterMs) : afterMs - random.between(0, 30);
    const told = this.#addPayment(buyer, atMs, { hold, order, names, status });
    if (random.chance(0.3)) {
      // The same event once more, sooner or later.
      this.#add(buyer, this.#soonOrAtASecond(atMs), told);
    }
    if (random.chance(0.25)) {
      // The same payment by another event, or another payment.
      const reference = random.chance(0.4) ? told.reference : undefined;
      const later = this.#soonOrAtASecond(atMs);
      this.#addPayment(buyer, later, { hold, order, names, status: 'paid' }, reference, told.amount);
    }
  }

  #addPayment(
    buyer: number,
    atMs: number,
    about: Pick<Extract<StepKind, { kind: 'pay' }>, 'hold' | 'order' | 'names' | 'status'>,
    reference?: string | null,
    amount?: 'right' | 'wrong' | 'unsaid',
  ) {
    const random = this.#random;
    const number = this.all.length;
    const isSame = reference !== undefined && reference !== null;
    const event = {
      kind: 'pay',
      key: `event ${number}`,
      ...about,
      // One payment has one amount, however often it is told of.
      amount: isSame && amount !== undefined ? amount : random.pick(['right', 'right', 'unsaid', 'wrong']),
      reference: isSame ? reference : random.chance(0.8) ? `payment ${number}` : null,
    } as const;
    this.#add(buyer, atMs, event);
    return event;
  }

  #add(buyer: number, atMs: number, step: StepKind): number {
    const id = this.all.length;
    this.all.push({
      id,
      buyer,
      atMs: Math.max(0, Math.round(atMs * 10) / 10),
      node: this.#random.below(this.#shop.nodes),
      ...step,
    });
    return id;
  }

  #keyOrNone(probability: number): string | null {
    return this.#random.chance(probability) ? `key ${this.all.length}` : null;
  }

  /** At once, a little later, or around the whole second at which a deadline may come. */
  #soonOrAtASecond(afterMs: number): number {
    const random = this.#random;
    if (random.chance(0.6)) {
      return afterMs + random.between(0, random.pick([5, 200]));
    }
    const second = Math.ceil(afterMs / 1000) + random.below(4);
    return Math.max(afterMs, second * 1000 + random.between(-20, 10));
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
