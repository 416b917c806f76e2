import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '../domain/decide.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Needs } from '../domain/needs.ts';
import type { Changes, State } from '../domain/state.ts';

type Decided = { readonly decision: Decision; readonly atMs: number };

/** The rows that show whether an attempt was committed, and the products that guard them. */
type Evidence = Pick<
  Needs,
  'productIds' | 'holdIds' | 'refundIds' | 'eventKeys' | 'stockChangeIds' | 'operatorDecisionIds'
> & {
  isIn(state: State): boolean;
};

type Lost = { readonly evidence: Evidence; readonly happened: readonly DomainEvent[] };

/**
 * A lost commit adds one attempt, and the next batch that is committed clears the list. The bound only matters
 * while every commit is lost.
 */
const attemptsMax = 20;

/**
 * The attempts of an engine whose commits have an unknown outcome. Each further batch, whatever its commands
 * are, also loads the evidence of these attempts under the locks of their products:
 *
 * - evidence found: the attempt was committed. Its events are reported with the next commit, once;
 * - evidence missing when a batch commits: the attempt was rolled back. Its events are dropped.
 *
 * At most one of the attempts in the list was committed: a later attempt is added only after its own load has
 * not found the earlier ones, and the locks and unique keys then admit only one of them. The list is in
 * memory: after a crash its events are lost, like those of any commit just before a crash.
 *
 * A parked event of an unknown order lies under no product, so no lock waits for its commit. When its command is
 * given up and another batch commits before the late commit takes place, its events are dropped too.
 */
export class LostAttempts {
  #decided: Decided | null = null;
  #open: readonly Lost[] = [];
  #found: readonly Lost[] = [];

  /** Adds the evidence to what a new attempt loads. The products of what was found are needed for their snapshots. */
  addTo(needs: Needs): Needs {
    this.#decided = null;
    return [...this.#found, ...this.#open].reduce((sum, { evidence }) => withRows(sum, evidence), needs);
  }

  /** Looks for the evidence in what an attempt has loaded. */
  lookUp(state: State): void {
    const committed = this.#open.findLast(({ evidence }) => evidence.isIn(state));
    if (committed !== undefined) {
      this.#found = [...this.#found, committed];
      this.#open = [];
    }
  }

  /** Notes the decision of the attempt that is under way. */
  decided(decision: Decision, atMs: number): void {
    this.#decided = { decision, atMs };
  }

  /** The attempt under way has ended without a known outcome. */
  add(): void {
    const attempt = this.#decided;
    if (attempt === null) {
      return;
    }
    // The next attempt recognises a duplicate by itself.
    const happened = attempt.decision.happened.filter(({ kind }) => kind !== 'payment_event_duplicate');
    const evidence = happened.length === 0 ? null : evidenceOf(attempt);
    if (evidence !== null) {
      this.#open = [...this.#open, { evidence, happened }].slice(-attemptsMax);
    }
  }

  /**
   * The attempt under way was committed.
   *
   * @returns what lost attempts have committed since the last call
   */
  takeFound(): readonly DomainEvent[] {
    const found = this.#found.flatMap(({ happened }) => happened);
    this.#open = [];
    this.#found = [];
    return found;
  }

  /** Drops what is still open: after a defect the rows of an earlier attempt must not fail every further batch. */
  drop(): void {
    this.#open = [];
  }
}

function withRows(needs: Needs, rows: Evidence): Needs {
  return {
    ...needs,
    productIds: union(needs.productIds, rows.productIds),
    holdIds: union(needs.holdIds, rows.holdIds),
    refundIds: union(needs.refundIds, rows.refundIds),
    eventKeys: union(needs.eventKeys, rows.eventKeys),
    stockChangeIds: union(needs.stockChangeIds, rows.stockChangeIds),
    operatorDecisionIds: union(needs.operatorDecisionIds, rows.operatorDecisionIds),
  };
}

function union<Value>(some: readonly Value[], more: readonly Value[]): readonly Value[] {
  return more.length === 0 ? some : [...new Set([...some, ...more])];
}

const noRows = {
  productIds: [],
  holdIds: [],
  refundIds: [],
  eventKeys: [],
  stockChangeIds: [],
  operatorDecisionIds: [],
} as const;

/**
 * One new row is enough, because a batch is one transaction. Its id belongs to this attempt alone; that of an event is the delivery's.
 * Null when the attempt wrote nothing that can be looked up.
 */
function evidenceOf({ decision: { changes }, atMs }: Decided): Evidence | null {
  const [hold] = changes.holds.inserted;
  if (hold !== undefined) {
    const isIn = ({ holds }: State) => holds.get(hold.id)?.createdAtMs === atMs;
    return { ...noRows, productIds: [hold.productId], holdIds: [hold.id], isIn };
  }
  const [order] = changes.orders.inserted;
  if (order !== undefined) {
    const isIn = ({ orders }: State) => orders.get(order.id)?.createdAtMs === atMs;
    return { ...noRows, productIds: [order.productId], holdIds: [order.holdId], isIn };
  }
  const [stockChange] = changes.stockChanges;
  if (stockChange !== undefined) {
    const isIn = ({ stockChanges }: State) => stockChanges.has(stockChange.id);
    return { ...noRows, productIds: [stockChange.productId], stockChangeIds: [stockChange.id], isIn };
  }
  const [operatorDecision] = changes.operatorDecisions;
  if (operatorDecision !== undefined) {
    const { id, productId } = operatorDecision;
    const isIn = ({ operatorDecisions }: State) => operatorDecisions.has(id);
    const productIds = productId === null ? [] : [productId];
    return { ...noRows, productIds, operatorDecisionIds: [id], isIn };
  }
  const [refund] = changes.refunds.inserted;
  if (refund !== undefined) {
    const isIn = ({ refunds }: State) => refunds.get(refund.id)?.createdAtMs === atMs;
    return { ...noRows, productIds: [refund.productId], refundIds: [refund.id], isIn };
  }
  const [event] = changes.events.inserted;
  if (event !== undefined) {
    const isIn = ({ events }: State) => {
      const row = events.get(event.key);
      return row?.receivedAtMs === atMs && row.receiptId === event.receiptId;
    };
    const productIds = event.productId === null ? [] : [event.productId];
    return { ...noRows, productIds, eventKeys: [event.key], isIn };
  }
  return evidenceOfUpdates(changes);
}

/**
 * An attempt that only changed rows, for instance released overdue holds, counts as committed when all of these
 * rows are as it left them. Another node that made the same change in between has written the same rows: then
 * both nodes report it. Nothing is reported that is not in the database.
 */
function evidenceOfUpdates({ holds, orders, refunds, events }: Changes): Evidence | null {
  const rows = [...holds.updated, ...orders.updated, ...refunds.updated, ...events.updated];
  if (rows.length === 0) {
    return null;
  }
  return {
    ...noRows,
    productIds: rows.flatMap(({ productId }) => (productId === null ? [] : [productId])),
    holdIds: [...holds.updated.map(({ id }) => id), ...orders.updated.map(({ holdId }) => holdId)],
    refundIds: refunds.updated.map(({ id }) => id),
    eventKeys: events.updated.map(({ key }) => key),
    isIn: (state) =>
      holds.updated.every((row) => isDeepStrictEqual(state.holds.get(row.id), row)) &&
      orders.updated.every((row) => isDeepStrictEqual(state.orders.get(row.id), row)) &&
      refunds.updated.every((row) => isDeepStrictEqual(state.refunds.get(row.id), row)) &&
      events.updated.every((row) => state.events.get(row.key)?.result === row.result),
  };
}
