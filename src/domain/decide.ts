import type { Command } from './commands.ts';
import { decideCreateHold, decideExpireHolds, decideReleaseHold } from './decide-hold.ts';
import { decideOnce } from './decide-once.ts';
import { decidePayOrder, decideRefundOrder } from './decide-operator.ts';
import { decideCancelOrder, decideCreateOrder } from './decide-order.ts';
import { decideAbandon, decidePaymentEvent, decideRecheck } from './decide-payment.ts';
import { decideClosePaymentIntent, decideRecordPaymentIntent } from './decide-payment-intent.ts';
import {
  decideChangeStock,
  decideCreateProduct,
  decideSeedProducts,
  decideUpdateProduct,
} from './decide-product.ts';
import {
  decideBeginRefund,
  decidePostponeRefund,
  decideRecordReturnedSum,
  decideSettleRefund,
} from './decide-refund.ts';
import { decideRefusePayment } from './decide-refused-payment.ts';
import { decideResolve } from './decide-resolve.ts';
import { Draft } from './draft.ts';
import type { DomainEvent } from './events.ts';
import type { UnfinishedOutcome, UnfinishedSnapshot } from './next-release.ts';
import { outgoingOf } from './outgoing.ts';
import { snapshotsAfter } from './product-snapshots.ts';
import type { Changes, Rules, State } from './state.ts';

export type Decision = {
  /** One for each command, in the order in which they were given. Each has the facts of the moment right after its command. */
  readonly outcomes: readonly UnfinishedOutcome[];
  readonly changes: Changes;
  /** In the order in which things happened. */
  readonly happened: readonly DomainEvent[];
  /** The products as they are after the batch. */
  readonly snapshots: ReadonlyMap<number, UnfinishedSnapshot>;
  /**
   * Products with an outcome or a snapshot that has a part of the next release. The missing part is the same for the whole batch: the
   * earliest deadline among the product's holds that the batch did not load.
   */
  readonly releasesToRead: readonly number[];
};

/**
 * Decides a batch: payments first, then what gives units back, then orders, then holds, each in order of
 * arrival. Money that came in is never refused for a hold that came later.
 *
 * Pure: the same state, commands, rules and ids give the same decision, and nothing that was passed in
 * changes.
 *
 * @param newId makes the ids of refunds and of what others are told. One refund for each payment is kept by the payment's name, so
 *   they may differ when a batch is decided again.
 * @throws Defect when the rules meet a state that they exclude.
 */
export function decide(
  state: State,
  commands: readonly Command[],
  rules: Rules,
  newId: () => number,
): Decision {
  const draft = new Draft(state, rules, newId);
  const outcomes = new Array<UnfinishedOutcome>(commands.length);
  const order = commands.map((_, index) => index);
  order.sort((a, b) => rankAt(commands, a) - rankAt(commands, b) || a - b);
  for (const index of order) {
    const command = commands[index];
    if (command !== undefined) {
      outcomes[index] = decideOne(draft, command);
    }
  }
  const written = draft.changes();
  const changes: Changes = { ...written, ...outgoingOf(draft, state, written) };
  const snapshots = snapshotsAfter(draft, state, changes);
  return { outcomes, changes, happened: draft.happened, snapshots, releasesToRead: draft.releasesToRead() };
}

const rankByKind: Readonly<Record<Command['kind'], number>> = {
  apply_payment_event: 0,
  recheck_parked_event: 0,
  abandon_parked_event: 0,
  begin_refund: 0,
  postpone_refund: 0,
  settle_refund: 0,
  record_returned_sum: 0,
  refund_order: 0,
  pay_order: 0,
  resolve_payment_event: 0,
  record_payment_intent: 0,
  close_payment_intent: 0,
  cancel_order: 1,
  refuse_payment: 1,
  release_hold: 1,
  expire_holds: 1,
  create_product: 1,
  seed_products: 1,
  update_product: 1,
  change_stock: 1,
  create_order: 2,
  create_hold: 3,
};

function rankAt(commands: readonly Command[], index: number): number {
  const command = commands[index];
  return command === undefined ? 0 : rankByKind[command.kind];
}

function decideOne(draft: Draft, command: Command): UnfinishedOutcome {
  switch (command.kind) {
    case 'create_hold':
      return decideCreateHold(draft, command);
    case 'release_hold':
      return decideReleaseHold(draft, command);
    case 'create_order':
      return decideCreateOrder(draft, command);
    case 'cancel_order':
      return decideCancelOrder(draft, command);
    case 'refuse_payment':
      return decideRefusePayment(draft, command);
    case 'apply_payment_event':
      return decidePaymentEvent(draft, command);
    case 'recheck_parked_event':
      return decideRecheck(draft, command);
    case 'abandon_parked_event':
      return decideAbandon(draft, command);
    case 'expire_holds':
      return decideExpireHolds(draft, command);
    case 'create_product':
      return decideOnce(draft, command, decideCreateProduct);
    case 'seed_products':
      return decideSeedProducts(draft, command);
    case 'update_product':
      return decideUpdateProduct(draft, command);
    case 'change_stock':
      return decideOnce(draft, command, decideChangeStock);
    case 'record_payment_intent':
      return decideRecordPaymentIntent(draft, command);
    case 'close_payment_intent':
      return decideClosePaymentIntent(draft, command);
    case 'begin_refund':
      return decideBeginRefund(draft, command);
    case 'postpone_refund':
      return decidePostponeRefund(draft, command);
    case 'settle_refund':
      return decideOnce(draft, command, decideSettleRefund);
    case 'record_returned_sum':
      return decideRecordReturnedSum(draft, command);
    case 'refund_order':
      return decideOnce(draft, command, decideRefundOrder);
    case 'pay_order':
      return decideOnce(draft, command, decidePayOrder);
    case 'resolve_payment_event':
      return decideOnce(draft, command, decideResolve);
  }
}
