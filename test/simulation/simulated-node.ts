import type { Decide } from '../../src/engine/batch.ts';
import { Engine } from '../../src/engine/engine.ts';
import { expiryRound } from '../../src/workers/expiry-worker.ts';
import { parkedEventsRound, recheckParked } from '../../src/workers/parked-events-worker.ts';
import type { Reply } from '../history/history.ts';
import type { Request } from '../stories/counter.ts';
import type { Random } from '../stories/random.ts';
import { type FaultCounts, NodeLife } from './node-life.ts';
import type { Fault, Shop } from './plan.ts';
import type { ReportedFacts } from './reported-facts.ts';
import type { SimulatedDatabase } from './simulated-database.ts';
import { type SimulatedPort, SimulatedStore } from './simulated-store.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What of the engine's surroundings a defect that was made by hand may change. */
export type Surroundings = {
  readonly decide: Decide;
  readonly storeOf: (store: SimulatedStore) => SimulatedPort;
};

/** What all nodes of a run share. */
export type World = {
  readonly shop: Shop;
  readonly time: VirtualTime;
  readonly database: SimulatedDatabase;
  readonly counts: FaultCounts;
  readonly reported: ReportedFacts;
  readonly surroundings: Surroundings;
};

/** As a database server ends a transaction in which nothing happens. */
const idleMaxMs = 5_000;

/**
 * A process with the real engine and the real workers, on the simulated database. It may die at any instant; what starts in its place
 * knows nothing of what it had in memory.
 */
export class SimulatedNode {
  readonly index: number;
  readonly #world: World;
  readonly #random: Random;
  /** Faults that wait for their occasion. */
  readonly #pending: Fault[] = [];
  #life: NodeLife;
  #server: SimulatedStore;
  #store: SimulatedPort;
  #engine: Engine;

  constructor(world: World, index: number, random: Random) {
    this.index = index;
    this.#world = world;
    this.#random = random;
    ({ life: this.#life, server: this.#server, store: this.#store, engine: this.#engine } = this.#start());
  }

  /** What the node answers; nothing when it dies before, or is not there. */
  ask(request: Request, reply: (reply: Reply) => void): void {
    const life = this.#life;
    if (!life.isAlive) {
      return;
    }
    life.after(0, 'request comes in', () => {
      void this.#engine.submit(request).then(({ outcome }) => {
        if (life.isAlive) {
          reply(outcome);
        }
      });
    });
  }

  /** Whether a message is lost on its way to or from this node. */
  loses(kind: 'request lost' | 'answer lost'): boolean {
    return this.#life.take(kind) !== null;
  }

  /** A worker's rounds, until one of them leaves nothing to do. Resolves then, unless the node dies before. */
  async work(kind: 'expire' | 'recheck'): Promise<void> {
    // By this clock everything takes long: no round rests to keep its pace, however fast this machine is.
    let elapsedMs = 0;
    const slowClock = () => {
      elapsedMs += 1_000;
      return elapsedMs;
    };
    const round =
      kind === 'expire'
        ? expiryRound(this.#store, this.#engine, slowClock)
        : parkedEventsRound(this.#store, this.#engine, this.#world.shop.parkedSeconds);
    for (let restMs = 0; restMs === 0; ) {
      restMs = await round().catch(() => Number.POSITIVE_INFINITY);
    }
    if (kind === 'recheck') {
      const { database, shop } = this.#world;
      const beforeMs = database.nowMs(this.index) - shop.parkedSeconds * 1000;
      await database.forgetFacts(this.index, beforeMs).catch(() => 'left to the next round');
    }
  }

  /** One more batch, which changes nothing: an engine looks a lost commit up with its next batch. */
  async decideNothing(): Promise<void> {
    await this.#engine.submit({ kind: 'release_hold', holdId: 0 });
  }

  suffer(fault: Fault): void {
    switch (fault.kind) {
      case 'crash':
        this.#count(fault);
        this.#die(this.#life, fault);
        break;
      case 'freeze':
        this.#count(fault);
        this.#freeze(fault.forMs);
        break;
      case 'clock jump':
        this.#count(fault);
        this.#world.database.jump(fault.byMs);
        break;
      default:
        this.#pending.push(fault);
    }
  }

  /** From now on nothing goes wrong here any more. */
  recover(): void {
    this.#pending.splice(0);
    if (!this.#life.isAlive) {
      this.#restart();
    }
  }

  #start() {
    const { time, counts, database, reported, shop, surroundings } = this.#world;
    const parts = { time, counts, random: this.#random };
    const life = new NodeLife(parts, this.index, this.#pending, (dying, fault) => this.#die(dying, fault));
    const server = new SimulatedStore(database, life, this.index, shop.overdueRowsMax);
    const store = surroundings.storeOf(server);
    const { holdSeconds, paymentSeconds, parkedMax, queueMax, batchMax, requestTimeoutMs } = shop;
    const engine: Engine = new Engine(
      {
        store,
        decide: surroundings.decide,
        rules: { holdSeconds, paymentSeconds, parkedMax, eventEndpoints: [] },
        newId: () => this.#random.id(),
      },
      { queueMax, batchMax, requestTimeoutMs },
      {
        committed: ({ happened }) => {
          reported.add(happened);
          recheckParked(store, engine, happened).catch(() => 'left to the worker');
        },
        failed: () => {},
        defect: ({ error }) => {
          throw error;
        },
      },
      life.scheduler(),
    );
    return { life, server, store, engine };
  }

  #restart(): void {
    ({ life: this.#life, server: this.#server, store: this.#store, engine: this.#engine } = this.#start());
  }

  /** Its memory is gone at once; the server ends its transactions when it notices. */
  #die(life: NodeLife, { forMs }: { readonly forMs: number }): void {
    if (!life.isAlive) {
      return;
    }
    life.isAlive = false;
    this.#endTransactions(this.#random.between(0, forMs));
    this.#world.time.after(forMs, `node ${this.index + 1} starts`, () => {
      if (!this.#life.isAlive) {
        this.#restart();
      }
    });
  }

  #freeze(forMs: number): void {
    this.#life.frozenUntilMs = this.#world.time.nowMs + forMs;
    if (forMs > idleMaxMs) {
      this.#endTransactions(idleMaxMs);
    }
  }

  #endTransactions(delayMs: number): void {
    const { time, database } = this.#world;
    for (const transaction of this.#server.underWay) {
      time.after(delayMs, 'transaction ends', () => database.rollBack(transaction));
    }
  }

  #count({ kind }: Fault): void {
    this.#world.counts.set(kind, (this.#world.counts.get(kind) ?? 0) + 1);
  }
}
