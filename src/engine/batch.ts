import type { Command } from '../domain/commands.ts';
import type { Decision } from '../domain/decide.ts';
import { ensure } from '../domain/defect.ts';
import type { DomainEvent } from '../domain/events.ts';
import { isOpen, isOverdue } from '../domain/hold.ts';
import { checkChanges, checkState } from '../domain/invariants.ts';
import { type Needs, needsOf, overdueNeedsOf } from '../domain/needs.ts';
import {
  finishOutcome,
  finishRequestKey,
  finishSnapshot,
  type ReadReleases,
} from '../domain/next-release.ts';
import type { Outcome } from '../domain/outcomes.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import type { Changes, Rules, State } from '../domain/state.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Located } from '../store/store-reader.ts';
import type { LostAttempts } from './lost-attempts.ts';
import type { Scheduler } from './scheduler.ts';

/** The rules, as the engine calls them. A parameter, so that a rule with a defect can be put in its place. */
export type Decide = (
  state: State,
  commands: readonly Command[],
  rules: Rules,
  newId: () => number,
) => Decision;

export type BatchContext = {
  readonly store: Pick<Store, 'locate' | 'transact'>;
  readonly decide: Decide;
  readonly rules: Rules;
  readonly newId: () => number;
  /** What the last commits left of each product, for as long as nothing failed since. */
  readonly lastSeen?: ReadonlyMap<number, ProductSnapshot>;
  /** Earlier attempts whose outcome is unknown: their rows are looked up too. */
  readonly lost?: LostAttempts;
};

/** When the phases of a batch ended, by the clock of the scheduler. NaN: not reached. */
export class BatchTimes {
  readonly startedMs: number;
  locatedMs = Number.NaN;
  begunMs = Number.NaN;
  loadedMs = Number.NaN;
  decidedMs = Number.NaN;
  appliedMs = Number.NaN;
  committedMs = Number.NaN;
  readonly #clock: Pick<Scheduler, 'nowMs'>;

  constructor(clock: Pick<Scheduler, 'nowMs'>) {
    this.#clock = clock;
    this.startedMs = clock.nowMs();
  }

  /** Notes that a phase has ended just now. */
  end(phase: 'locatedMs' | 'begunMs' | 'loadedMs' | 'decidedMs' | 'appliedMs' | 'committedMs'): void {
    this[phase] = this.#clock.nowMs();
  }
}

/** What a committed batch came to. */
export type Committed = {
  readonly outcomes: readonly Outcome[];
  readonly happened: readonly DomainEvent[];
  readonly snapshots: ReadonlyMap<number, ProductSnapshot>;
};

/**
 * Runs one batch in one transaction: locate, lock and load, decide, write, commit. The outcomes may be told
 * once this resolves.
 *
 * @param afterLostCommit an earlier attempt may have been committed: rows that it would have made are looked
 *   up, after the lock of the same products has been won, so that the earlier transaction has surely ended.
 * @param times filled in as far as the batch comes
 * @throws StoreError, Defect
 */
export async function runBatch(
  context: BatchContext,
  commands: readonly Command[],
  afterLostCommit: boolean,
  times: BatchTimes,
): Promise<Committed> {
  const named = needsOf(commands, afterLostCommit);
  const located = await locate(context.store, named);
  const ownNeeds = withLocated(named, located, afterLostCommit ? holdIdsMadeBy(commands) : []);
  // Their products are known, so nothing has to be located for them.
  const needs = sorted(context.lost?.addTo(ownNeeds) ?? ownNeeds);
  times.end('locatedMs');
  const committed = await context.store.transact(async (transaction) => {
    times.end('begunMs');
    let state = await transaction.load(needs, context.lastSeen);
    const overdue = overdueNeedsOf(state, commands);
    if (overdue.length > 0) {
      state = await transaction.loadOverdue(overdue);
    }
    times.end('loadedMs');
    checkState(state);
    context.lost?.lookUp(state);
    const decision = context.decide(state, commands, context.rules, context.newId);
    context.lost?.decided(decision, state.nowMs);
    ensure(decision.outcomes.length === commands.length, 'a command was left without an outcome');
    checkChanges(state, decision.changes);
    times.end('decidedMs');
    const { changes, ...finished } = await finish(transaction, decision, state);
    if (!isEmpty(changes)) {
      await transaction.apply(changes);
    }
    times.end('appliedMs');
    return { ...finished, happened: decision.happened };
  });
  times.end('committedMs');
  return committed;
}

const nothingRead: ReadReleases = new Map();

const nothingLocated: Located = {
  productIdByHold: new Map(),
  orders: new Map(),
  refunds: new Map(),
  payments: new Map(),
};

async function locate(store: BatchContext['store'], needs: Needs): Promise<Located> {
  return [needs.holdIds, needs.orderIds, needs.refundIds, needs.returnedPayments].every(
    (rows) => rows.length === 0,
  )
    ? nothingLocated
    : store.locate(needs);
}

/**
 * Only what was found is loaded: all rows of a batch lie under products that it has locked.
 *
 * @param madeHoldIds holds that the commands themselves may have made, under products that they name. They are loaded whether they were
 *   found or not: the lost commit may take place between the look for them and the lock.
 */
function withLocated(needs: Needs, located: Located, madeHoldIds: readonly number[]): Needs {
  const productIds = new Set(needs.productIds);
  const holdIds = new Set(madeHoldIds);
  for (const [holdId, productId] of located.productIdByHold) {
    holdIds.add(holdId);
    productIds.add(productId);
  }
  for (const { holdId, productId } of [
    ...located.orders.values(),
    ...located.refunds.values(),
    ...located.payments.values(),
  ]) {
    holdIds.add(holdId);
    productIds.add(productId);
  }
  return {
    ...needs,
    productIds: [...productIds],
    holdIds: [...holdIds],
    refundIds: [...located.refunds.keys()],
  };
}

/** Products are locked in ascending order. */
function sorted(needs: Needs): Needs {
  return { ...needs, productIds: [...needs.productIds].sort((a, b) => a - b) };
}

function holdIdsMadeBy(commands: readonly Command[]): readonly number[] {
  return commands.flatMap((command) => (command.kind === 'create_hold' ? [command.holdId] : []));
}

/**
 * Completes the next releases that the rules know in part, by the deadlines of the holds that were not loaded. The batch changes none of
 * these holds, so one read is right for every moment of the batch. The read comes before the writes, as it would include them.
 */
async function finish(
  transaction: Transaction,
  { outcomes, snapshots, changes, releasesToRead }: Decision,
  state: State,
): Promise<Pick<Committed, 'outcomes' | 'snapshots'> & { readonly changes: Changes }> {
  const read =
    releasesToRead.length === 0
      ? nothingRead
      : await transaction.nextReleases(releasesToRead, state.nowMs, activeHoldIds(state, releasesToRead));
  return {
    outcomes: outcomes.map((outcome) => finishOutcome(outcome, read)),
    snapshots: new Map([...snapshots].map(([id, snapshot]) => [id, finishSnapshot(snapshot, read)])),
    changes: { ...changes, requestKeys: changes.requestKeys.map((key) => finishRequestKey(key, read)) },
  };
}

/** The loaded holds of some products that were active before the batch. */
function activeHoldIds({ holds, nowMs }: State, productIds: readonly number[]): readonly number[] {
  const ofProducts = new Set(productIds);
  const ids: number[] = [];
  for (const hold of holds.values()) {
    if (ofProducts.has(hold.productId) && isOpen(hold) && !isOverdue(hold, nowMs)) {
      ids.push(hold.id);
    }
  }
  return ids;
}

function isEmpty(changes: Changes): boolean {
  return Object.values(changes).every((rows) =>
    'inserted' in rows ? rows.inserted.length === 0 && rows.updated.length === 0 : rows.length === 0,
  );
}
