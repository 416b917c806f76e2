import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../../src/domain/commands.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { OrderStatus } from '../../src/domain/order.ts';
import { isFact, paymentName } from '../../src/domain/payment.ts';
import type { Product } from '../../src/domain/product.ts';
import type { Rules } from '../../src/domain/state.ts';
import { goneOf } from '../history/fold-facts.ts';
import type { Batch } from '../support/memory-world.ts';
import { answerText } from './answer-text.ts';
import { expectedAnswer, isReserved } from './expected-answer.ts';
import type { Act } from './move.ts';
import { noStory, type Story } from './story.ts';
import { type VerbName, verbs } from './verbs.ts';

/** One batch: the rows of every buyer before and after it, and what was said. */
export type Turn = {
  readonly nowMs: number;
  readonly rules: Rules;
  readonly acts: readonly Act[];
  readonly commands: readonly Command[];
  readonly before: readonly Story[];
  readonly after: readonly Story[];
  readonly products: {
    readonly before: ReadonlyMap<number, Product>;
    readonly after: ReadonlyMap<number, Product>;
  };
  readonly decision: Batch;
  /** Fewer overdue holds may be released in a batch than there may be, so that a command may be told to wait. */
  readonly isRationed: boolean;
};

/** The first promise that a batch broke, in words, or null. Nothing here shares a rule with the domain. */
export function brokenPromise(turn: Turn): string | null {
  const [wrongAnswer] = turn.acts.length === 1 ? wrongAnswers(turn) : [];
  if (wrongAnswer !== undefined) {
    return wrongAnswer;
  }
  for (const [index, before] of turn.before.entries()) {
    const after = turn.after[index] ?? before;
    const isActor = turn.acts.some(({ verb, place }) => verbs[verb].place === 'buyer' && place === index);
    const wrong =
      wrongUnits(turn, index, before, after, isActor) ??
      wrongDeadline(turn, before.hold, after) ??
      wrongOrder(before, after) ??
      wrongMoney(before, after) ??
      wrongFacts(after) ??
      wrongEvents(before, after);
    if (wrong !== null) {
      return wrong;
    }
  }
  return wrongTold(turn);
}

function wrongAnswers(turn: Turn): string[] {
  const [act] = turn.acts;
  const [command] = turn.commands;
  const [outcome] = turn.decision.outcomes;
  if (act === undefined || command === undefined || outcome === undefined) {
    return ['a command was left without an answer'];
  }
  if (outcome.kind === 'deferred') {
    const moved = turn.decision.happened.some(({ kind }) => kind === 'hold_expired');
    return turn.isRationed && moved ? [] : ['a command waits although nothing was released for it'];
  }
  const isBuyers = verbs[act.verb].place === 'buyer';
  const story = (isBuyers ? turn.before[act.place] : undefined) ?? noStory;
  const productId = 'productId' in command ? command.productId : (story.hold?.productId ?? 0);
  const parked = turn.before
    .flatMap(({ events }) => events)
    .filter((event) => event.result === 'parked' && event.productId === null);
  const expected = expectedAnswer(command, {
    nowMs: turn.nowMs,
    story,
    available: availableOf(turn, productId),
    parkedUnknown: parked.filter((event) => !isFact(event)).length,
    parkedUnknownFacts: parked.filter(isFact).length,
    parkedMax: turn.rules.parkedMax,
  });
  const found = answerText(outcome);
  return expected === null || expected === found
    ? []
    : [`the answer is "${found}", promised is "${expected}"`];
}

function availableOf({ before, products, nowMs }: Turn, productId: number): number {
  let units = products.before.get(productId)?.stock ?? 0;
  for (const { hold } of before) {
    units -= hold !== null && hold.productId === productId && isReserved(hold, nowMs) ? hold.quantity : 0;
  }
  return units;
}

const letsGo: readonly VerbName[] = ['releases', 'cancels', 'fails', 'failsForHold'];

/** Units stay a buyer's without a gap until they are paid, the deadline comes or the buyer or provider lets go. */
function wrongUnits(turn: Turn, index: number, before: Story, after: Story, isActor: boolean): string | null {
  const was = before.hold;
  const is = after.hold;
  if (was === null) {
    return is === null || isActor ? null : 'a hold that nobody asked for';
  }
  if (is === null) {
    return 'a hold vanished';
  }
  if (was.status === 'consumed' && is.status !== 'consumed') {
    return `sold units became ${is.status}`;
  }
  if (!isReserved(was, turn.nowMs)) {
    return isActor || is.status === 'released' || isDeepStrictEqual(was, is)
      ? null
      : `an overdue hold of a bystander became ${is.status}`;
  }
  if (!isActor) {
    return isDeepStrictEqual(before, after) ? null : `the rows of buyer ${index + 1}, a bystander, changed`;
  }
  if (is.status === 'consumed' || isReserved(is, turn.nowMs)) {
    return null;
  }
  const mayLetGo =
    turn.acts.some(({ verb, place }) => place === index && letsGo.includes(verb)) ||
    before.events.some(({ status, result }) => status === 'failed' && result === 'parked') ||
    // Money that the provider has returned before it comes ends the order.
    after.events.some(({ status }) => status === 'refunded' || status === 'dispute_lost');
  if (!mayLetGo) {
    return 'reserved units went back before their deadline';
  }
  return is.expiresAtMs > turn.nowMs ? 'units went back, and the row says that they are held still' : null;
}

/** A deadline is set by the hold, by the order and by the first early payment, and by nothing else. */
function wrongDeadline({ nowMs, rules }: Turn, was: Hold | null, { hold: is, events }: Story): string | null {
  if (is === null || (is.status !== 'held' && is.status !== 'ordered')) {
    return null;
  }
  const isNew = was === null || was.status !== is.status;
  const seconds = is.status === 'held' ? rules.holdSeconds : rules.paymentSeconds;
  const paid = events.filter(({ status, result }) => status === 'paid' && result === 'parked');
  const [first] = paid.filter(({ productId }) => productId !== null);
  let expectedMs = was?.expiresAtMs ?? 0;
  if (isNew) {
    expectedMs = nextSecond(nowMs + seconds * 1000);
  }
  if (is.status === 'held' && first !== undefined && was?.parked !== 'paid') {
    expectedMs = Math.max(expectedMs, nextSecond(first.receivedAtMs + rules.paymentSeconds * 1000));
  }
  return is.expiresAtMs === expectedMs
    ? null
    : `a hold that is ${is.status} ends ${(is.expiresAtMs - nowMs) / 1000} s from now, promised is ${(expectedMs - nowMs) / 1000} s`;
}

function nextSecond(instantMs: number): number {
  return Math.ceil(instantMs / 1000) * 1000;
}

/** Where an order may go; where it is it may always stay. */
const ways: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['paid', 'failed', 'cancelled', 'expired', 'refund_due'],
  failed: ['paid', 'refund_due'],
  cancelled: ['paid', 'refund_due'],
  expired: ['paid', 'refund_due'],
  paid: ['refunded'],
  refund_due: ['refunded'],
  refunded: [],
};

/** Where an order may go whose money went back at the provider, or came back from there. */
const waysByFacts: Readonly<Partial<Record<OrderStatus, readonly OrderStatus[]>>> = {
  pending: ['refunded'],
  failed: ['refunded'],
  cancelled: ['refunded'],
  expired: ['refunded'],
  refunded: ['paid', 'refund_due'],
};

function wrongOrder({ order: was }: Story, { order: is, events }: Story): string | null {
  if (was === null) {
    return null;
  }
  if (is === null) {
    return 'an order vanished';
  }
  return was.status === is.status ||
    ways[was.status].includes(is.status) ||
    (events.some(isFact) && waysByFacts[was.status]?.includes(is.status))
    ? null
    : `an order went from ${was.status} to ${is.status}`;
}

/**
 * What was settled stays so, but what bought an order may be sent back; a refund stays a refund of all of it, and what went back is gone.
 * What a provider reports of it may turn each of these, and `wrongFacts` says how.
 */
function wrongMoney(before: Story, after: Story): string | null {
  const byFacts = after.events.some(isFact);
  for (const was of before.payments) {
    const is = after.payments.find(({ name }) => name === was.name);
    const maySettle = was.settlement === 'flagged' || is?.settlement === was.settlement;
    const isReturned = was.settlement === 'fulfilled' && after.order?.status === 'refunded';
    if (is === undefined || is.amountMinor !== was.amountMinor || !(maySettle || isReturned || byFacts)) {
      return `a payment that was ${was.settlement} is ${is?.settlement ?? 'gone'} now`;
    }
  }
  for (const was of before.refunds) {
    const is = after.refunds.find(({ id }) => id === was.id);
    if (
      is === undefined ||
      is.paymentName !== was.paymentName ||
      (was.status === 'succeeded' && is.status === 'due' && !byFacts)
    ) {
      return `a refund that was ${was.status} is ${is?.status ?? 'gone'} now`;
    }
  }
  return null;
}

/** Order, payment, refund and disputes agree with all that the provider has reported, in whatever order it came. */
function wrongFacts({ order, events, payments, refunds, disputes }: Story): string | null {
  for (const { name, amountMinor, decision, settlement } of payments) {
    const facts = events.filter((event) => isFact(event) && paymentName(event) === name);
    const gone = goneOf(facts, amountMinor);
    const refund = refunds.find((row) => row.paymentName === name);
    const sentMinor = refund?.sentMinor ?? 0;
    const backMinor = Math.min(amountMinor, gone.returnedMinor + sentMinor);
    const isGone = backMinor + gone.lostMinor >= amountMinor;
    const isRefunded = decision === 'owed' || decision === 'returned' || isGone;
    if ((settlement === 'refunded') !== isRefunded) {
      return `a payment that was ${decision} is ${settlement}, ${backMinor} and ${gone.lostMinor} of it are gone`;
    }
    if (decision === 'fulfilled' && order?.status !== (isGone ? 'refunded' : 'paid')) {
      return `an order is ${order?.status}, of its payment ${backMinor} and ${gone.lostMinor} are gone`;
    }
    if (decision === 'returned' && !isGone) {
      return 'money that came back neither bought its order nor is due';
    }
    if ((refund?.amountMinor ?? 0) !== Math.max(refund?.owedMinor ?? 0, backMinor)) {
      return `${backMinor} went back, the refund says ${refund?.amountMinor}`;
    }
    const isDue = refund !== undefined && refund.owedMinor > backMinor + gone.lostMinor;
    if ((refund?.status === 'due') !== isDue) {
      return `a refund of ${refund?.owedMinor} is ${refund?.status}, ${backMinor} and ${gone.lostMinor} are gone`;
    }
    const told = new Set(
      facts.flatMap(({ factId, status }) => (status === 'refund_failed' ? [] : (factId ?? []))),
    );
    if (disputes.filter((dispute) => dispute.paymentName === name).length !== told.size) {
      return `${told.size} disputes were reported, the payment has ${disputes.length}`;
    }
  }
  return null;
}

/** What was answered is kept, and a decision is made once. */
function wrongEvents(before: Story, after: Story): string | null {
  for (const was of before.events) {
    const is = after.events.find(({ key }) => key === was.key);
    if (is === undefined || !isDeepStrictEqual(is.answer, was.answer)) {
      return `the answer to ${was.key} changed`;
    }
    const isTakenIn = isFact(was) && was.result === 'unmatched';
    if (was.result !== 'parked' && is.result !== was.result && !isTakenIn) {
      return `${was.key} was ${was.result} and is ${is.result} now`;
    }
  }
  return null;
}

/** Others are told of every order that began or ended, and of every product that was sold out or came back. */
function wrongTold({ before, after, products, decision }: Turn): string | null {
  const told = decision.changes.outgoingEvents;
  for (const [index, { order: is }] of after.entries()) {
    const was = before[index]?.order ?? null;
    const news = is !== null && (was === null || was.status !== is.status) ? is.status : null;
    if (news === null || news === 'pending' || news === 'refund_due' || news === 'refunded') {
      continue;
    }
    // An order that was paid before is paid again because its money came back, and that is what is told.
    const cameBack = was?.status === 'refunded' ? ['refund.failed', 'dispute.won'] : [];
    const types: readonly string[] = [`order.${news}`, ...cameBack];
    if (!told.some(({ type, orderId }) => types.includes(type) && orderId === is?.id)) {
      return `nobody was told that an order is ${news}`;
    }
  }
  for (const [id, was] of products.before) {
    const is = products.after.get(id) ?? was;
    const turned = was.stock > was.held === is.stock > is.held ? [] : [is.stock > is.held];
    const said = told.flatMap(({ type, productId }) =>
      productId === id && type.startsWith('product.') ? [type === 'product.available_again'] : [],
    );
    if (!isDeepStrictEqual(said, turned)) {
      return `others were told ${said.length} turns of a product, there were ${turned.length}`;
    }
  }
  return null;
}
