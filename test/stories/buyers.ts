import type { Exchange, Reply } from '../history/history.ts';
import type { Counter, Request } from './counter.ts';
import { Random } from './random.ts';
import { type Fact, type Pay, priceMinor, type Step } from './step.ts';

/** The longest that a sender waits before it asks again. */
const restMaxMs = 1_600;

/** A fact that names the payment's reference alone. */
const noTarget = { orderId: null, holdId: null };

/** What everybody does, and the seed of what they leave to chance. */
export type Script = { readonly seed: number; readonly steps: readonly Step[] };

/**
 * Everybody who asks the nodes for something. Who can ask again without harm does so, at another node, until there is an answer: a payment
 * provider always, a buyer with an idempotency key.
 */
export class Buyers {
  readonly exchanges: Exchange[] = [];
  readonly #script: Script;
  readonly #counter: Counter;
  readonly #random: Random;
  readonly #steps: ReadonlyMap<number, Step>;
  /** The hold or order that a step brought, or will bring. */
  readonly #ids = new Map<number, Promise<number | null>>();

  /** @param random for how long everybody waits before asking again */
  constructor(script: Script, counter: Counter, random: Random) {
    this.#script = script;
    this.#counter = counter;
    this.#random = random;
    this.#steps = new Map(script.steps.map((step) => [step.id, step]));
  }

  /** Resolves when everybody has done what they came for, or given up. */
  async act(): Promise<void> {
    for (const step of this.#script.steps) {
      this.#ids.set(step.id, this.#perform(step));
    }
    await Promise.all(this.#ids.values());
  }

  async #perform(step: Step): Promise<number | null> {
    await this.#counter.pause(step.atMs - this.#counter.nowMs);
    if (step.kind === 'expire' || step.kind === 'recheck') {
      this.#counter.work(step.node, step.kind);
      return null;
    }
    if (step.kind === 'settle') {
      await this.settle(step);
      return null;
    }
    const requestOf = await this.#requestOf(step);
    return requestOf === null ? null : idIn(await this.#insist(step, requestOf));
  }

  /** An operator settles what he sees in the list of refunds that are due. */
  async settle(step: Step): Promise<void> {
    const refundIds = await this.#counter.refundsDue();
    await Promise.all(
      refundIds.map((refundId) => this.#insist(step, () => ({ kind: 'settle_refund', refundId }))),
    );
  }

  /** Asks until there is an answer, where it does no harm to ask again. */
  async #insist(step: Step, requestOf: (attempt: number) => Request): Promise<Reply | null> {
    for (let attempt = 0; ; attempt += 1) {
      const reply = await this.#exchange(step, attempt, requestOf(attempt));
      if ((reply !== null && !isToBeAskedAgain(reply)) || !mayRepeat(step)) {
        return reply;
      }
      await this.#counter.pause(Math.min(restMaxMs, 50 * 2 ** attempt) * this.#random.between(0.5, 1));
    }
  }

  async #exchange(step: Step, attempt: number, command: Request): Promise<Reply | null> {
    const node = (step.node + attempt) % this.#counter.nodes;
    const at = this.exchanges.length;
    const exchange = { stepId: step.id, attempt, node, command, sentMs: this.#counter.nowMs };
    this.exchanges.push({ ...exchange, answered: null });
    const reply = await this.#counter.ask(node, command);
    if (reply !== null) {
      this.exchanges[at] = { ...exchange, answered: { atMs: this.#counter.nowMs, reply } };
    }
    return reply;
  }

  /** How to ask for it, or null when what it is about never came to be. */
  async #requestOf(step: Step): Promise<((attempt: number) => Request) | null> {
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
      case 'fact': {
        const named = step.namesTarget ? await this.#namedBy({ ...step.of, id: step.of.order }) : noTarget;
        return named === null
          ? null
          : () => ({ kind: 'apply_payment_event', event: { ...named, ...this.#factOf(step) } });
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

  async #namedBy(
    step: Pay & Pick<Step, 'id'>,
  ): Promise<{ orderId: number | null; holdId: number | null } | null> {
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

  #factOf({ key, of, status, amount, factId, occurredAtMs }: Fact) {
    const money = this.#moneyOf(of);
    const allMinor = money.amountMinor ?? this.#totalOf(of);
    const said =
      amount === 'unsaid'
        ? { amountMinor: null, currency: null }
        : { amountMinor: amount === 'all' ? allMinor : Math.floor(allMinor / 2), currency: 'USD' };
    return { key, status, reference: of.reference, factId, occurredAtMs, ...said };
  }

  #totalOf({ hold }: Pay): number {
    const held = this.#steps.get(hold);
    return held?.kind === 'hold' ? held.quantity * priceMinor : priceMinor;
  }

  #moneyOf(pay: Pay) {
    const { key, status, amount, reference } = pay;
    const totalMinor = this.#totalOf(pay);
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
    return new Random(this.#script.seed, 3, step, attempt).id();
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
