import type { Command } from '../../src/domain/commands.ts';
import type { Exchange, Reply } from './history.ts';
import { type Pay, type Plan, priceMinor, type Step } from './plan.ts';
import { Random } from './random.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The longest that a sender waits before it asks again. */
const restMaxMs = 1_600;

/**
 * Everybody who asks the nodes for something, over a network that delays, loses and overtakes. Who can ask again without harm does so, at
 * another node, until there is an answer: a payment provider always, a buyer with an idempotency key.
 */
export class Buyers {
  readonly exchanges: Exchange[] = [];
  readonly #plan: Plan;
  readonly #time: VirtualTime;
  readonly #nodes: readonly SimulatedNode[];
  readonly #random: Random;
  readonly #refundsDue: () => readonly number[];
  /** The hold or order that a step brought, or will bring. */
  readonly #ids = new Map<number, Promise<number | null>>();

  constructor(
    plan: Plan,
    time: VirtualTime,
    nodes: readonly SimulatedNode[],
    refundsDue: () => readonly number[],
  ) {
    this.#refundsDue = refundsDue;
    this.#plan = plan;
    this.#time = time;
    this.#nodes = nodes;
    this.#random = new Random(plan.seed, 2);
  }

  /** Resolves when everybody has done what they came for, or given up. */
  async act(): Promise<void> {
    for (const step of this.#plan.steps) {
      this.#ids.set(step.id, this.#perform(step));
    }
    await Promise.all(this.#ids.values());
  }

  async #perform(step: Step): Promise<number | null> {
    await this.#time.pause(step.atMs - this.#time.nowMs);
    if (step.kind === 'expire' || step.kind === 'recheck') {
      // It may never end, when the node dies; nobody waits for it.
      void this.#node(step.node).work(step.kind);
      return null;
    }
    if (step.kind === 'settle') {
      await this.settle(step);
      return null;
    }
    const commandOf = await this.#commandOf(step);
    return commandOf === null ? null : idIn(await this.#insist(step, commandOf));
  }

  /** An operator settles what he sees in the list of refunds that are due. */
  async settle(step: Step): Promise<void> {
    await Promise.all(
      this.#refundsDue().map((refundId) => this.#insist(step, () => ({ kind: 'settle_refund', refundId }))),
    );
  }

  /** Asks until there is an answer, where it does no harm to ask again. */
  async #insist(step: Step, commandOf: (attempt: number) => Command): Promise<Reply | null> {
    for (let attempt = 0; ; attempt += 1) {
      const reply = await this.#exchange(step, attempt, commandOf(attempt));
      if ((reply !== null && !isToBeAskedAgain(reply)) || !mayRepeat(step)) {
        return reply;
      }
      await this.#time.pause(Math.min(restMaxMs, 50 * 2 ** attempt) * this.#random.between(0.5, 1));
    }
  }

  #exchange(step: Step, attempt: number, command: Command): Promise<Reply | null> {
    const node = this.#node(step.node + attempt);
    const at = this.exchanges.length;
    const exchange = { step, attempt, node: node.index, command, sentMs: this.#time.nowMs };
    this.exchanges.push({ ...exchange, answered: null });
    return new Promise((resolve) => {
      const timeout = this.#time.after(this.#plan.shop.clientTimeoutMs, 'client gives up', () =>
        resolve(null),
      );
      this.#travel('request', () => {
        if (node.loses('request lost')) {
          return;
        }
        node.ask(command, (reply) => {
          if (node.loses('answer lost')) {
            return;
          }
          this.#travel(`answer ${reply.kind}`, () => {
            if (!timeout.isCancelled && timeout.atMs > this.#time.nowMs) {
              timeout.isCancelled = true;
              this.exchanges[at] = { ...exchange, answered: { atMs: this.#time.nowMs, reply } };
              resolve(reply);
            }
          });
        });
      });
    });
  }

  #travel(label: string, arrive: () => void): void {
    const isLong = this.#random.chance(0.05);
    this.#time.after(this.#random.between(0.1, isLong ? 300 : 8), label, arrive);
  }

  #node(index: number): SimulatedNode {
    const node = this.#nodes[index % this.#nodes.length];
    if (node === undefined) {
      throw new Error('a shop without nodes');
    }
    return node;
  }

  /** How to ask for it, or null when what it is about never came to be. */
  async #commandOf(step: Step): Promise<((attempt: number) => Command) | null> {
    switch (step.kind) {
      case 'hold': {
        const { productId, quantity, idempotencyKey } = step;
        return (attempt) => ({
          kind: 'create_hold',
          holdId: this.#idOf(step.id, attempt),
          productId,
          quantity,
          idempotencyKey,
        });
      }
      case 'order': {
        const holdId = await this.#broughtBy(step.hold);
        return holdId === null
          ? null
          : (attempt) => ({
              kind: 'create_order',
              orderId: this.#idOf(step.id, attempt),
              holdId,
              idempotencyKey: step.idempotencyKey,
            });
      }
      case 'release': {
        const holdId = await this.#broughtBy(step.hold);
        return holdId === null ? null : () => ({ kind: 'release_hold', holdId });
      }
      case 'cancel': {
        const orderId = await this.#broughtBy(step.order);
        return orderId === null ? null : () => ({ kind: 'cancel_order', orderId });
      }
      case 'pay': {
        const named = await this.#namedBy(step);
        return named === null
          ? null
          : () => ({ kind: 'apply_payment_event', event: { ...named, ...this.#moneyOf(step) } });
      }
      case 'restock': {
        const { productId, change } = step;
        return (attempt) => ({
          kind: 'change_stock',
          stockChangeId: this.#idOf(step.id, attempt),
          productId,
          change,
          reason: 'delivery',
        });
      }
      default:
        return null;
    }
  }

  async #namedBy(step: Step & Pay): Promise<{ orderId: number | null; holdId: number | null } | null> {
    switch (step.names) {
      case 'stranger':
        return { orderId: this.#idOf(step.id, 0), holdId: null };
      case 'order soon':
        return { orderId: this.#idOf(step.order, 0), holdId: null };
      case 'hold': {
        const holdId = await this.#broughtBy(step.hold);
        return holdId === null ? null : { orderId: null, holdId };
      }
      case 'order': {
        const orderId = await this.#broughtBy(step.order);
        return orderId === null ? null : { orderId, holdId: null };
      }
    }
  }

  #moneyOf({ key, status, amount, reference, hold }: Step & Pay) {
    const held = this.#plan.steps.find(({ id }) => id === hold);
    const totalMinor = held?.kind === 'hold' ? held.quantity * priceMinor : priceMinor;
    const amountMinor = amount === 'wrong' ? totalMinor - 1 : totalMinor;
    return amount === 'unsaid'
      ? { key, status, reference, amountMinor: null, currency: null }
      : { key, status, reference, amountMinor, currency: 'USD' };
  }

  async #broughtBy(step: number): Promise<number | null> {
    return (await this.#ids.get(step)) ?? null;
  }

  /** As a node makes it for each request before anything is written. */
  #idOf(step: number, attempt: number): number {
    return new Random(this.#plan.seed, 3, step, attempt).id();
  }
}

/** Nothing was decided for want of room or of a database. A defect is no reason to ask again. */
function isToBeAskedAgain(reply: Reply): boolean {
  return (
    (reply.kind === 'failed' && reply.code !== 'internal_error') ||
    (reply.kind === 'refused' && reply.code === 'overloaded')
  );
}

/** Whether asking again changes nothing that the first time has not. */
function mayRepeat(step: Step): boolean {
  switch (step.kind) {
    case 'hold':
    case 'order':
      return step.idempotencyKey !== null;
    case 'restock':
      return false;
    default:
      return true;
  }
}

function idIn(reply: Reply | null): number | null {
  switch (reply?.kind) {
    case 'hold_created':
      return reply.hold.id;
    case 'order_created':
      return reply.order.id;
    case 'refused':
      return reply.code === 'hold_already_ordered' ? reply.orderId : null;
    default:
      return null;
  }
}
