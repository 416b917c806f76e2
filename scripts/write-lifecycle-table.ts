import { readFileSync, writeFileSync } from 'node:fs';
import {
  arrivalsMax,
  type EventName,
  eventNames,
  part,
  sequences,
  subsets,
  total,
} from '../test/arrival-order/events.ts';
import { type End, expectedEnd, mainSituations } from '../test/arrival-order/model.ts';
import { mainVariant, otherVariants, sequencesOf } from '../test/arrival-order/variants.ts';

const page = 'docs/lifecycle.md';
const [begin, end] = ['<!-- arrival orders: begin -->', '<!-- arrival orders: end -->'];

const refundEvents = eventNames.filter((name) => name.startsWith('refund'));
const disputeEvents = eventNames.filter((name) => name.startsWith('dispute'));

/** Sets of events with one end. */
type Row = { readonly sets: readonly ReadonlySet<EventName>[]; readonly order: End; readonly owed: End };

/** The page with its table of what every set of events leads to, as the model of the tests has it. */
export function lifecycleWithTable(): string {
  const text = readFileSync(page, 'utf8');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) {
    throw new Error(`expected ${begin} and ${end} in ${page}`);
  }
  return `${text.slice(0, before)}${begin}\n${table()}\n${text.slice(after)}`;
}

function table(): string {
  const all = sequences();
  const withPayment = subsets().filter((names) => names.has('succeeded'));
  const rows = rowsOf(withPayment);
  const waiting = subsets().length - withPayment.length;
  const counts = (sets: readonly ReadonlySet<EventName>[]) =>
    `${sets.length} | ${sets.reduce((sum, { size }) => sum + ordersOf(size), 0)}`;
  return `Made by \`npm run docs:lifecycle\` from the model in \`test/arrival-order/\`, which shares no code with the service. One payment
can produce seven events: ${eventNames.slice(0, 4).join(', ')},
${eventNames.slice(4).join(', ')}. All orders of all sets of at most ${arrivalsMax} of them are ${count(all.length)} sequences.

| the tests play | on | sequences |
| --- | --- | --- |
| each sequence in ${mainSituations.length} situations: ${mainSituations.join(', ')} | every database | ${count(all.length * mainSituations.length)} each |
| each sequence as signed events of Stripe, in situations that go round | every database | ${count(all.length)} each |
| ${otherVariants.length} variants of times, amounts and ids: the sequences that they change, in situations that go round | SQLite | ${count(otherVariants.flatMap(sequencesOf).length)} |

In the table below the payment is of ${total}.00. The first refund is of ${part}.00, the second one of ${total - part}.00, and the second one fails. The dispute
is about all of the payment. The provider's times have the order of the list, so a dispute that was lost and won is won.

| refund events | dispute events | order | its refunds | its disputes | refund of a payment that is owed | sets | sequences |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${cells(row).join(' | ')} | ${counts(row.sets)} |`).join('\n')}

- The rows count the sets with \`succeeded\`. They hold for an order that was pending or expired, and for the order of a hold.
- They also hold for an order that the same payment had paid before, with \`succeeded\` or without it.
- A payment is owed when the order was paid by another payment, or when the hold ended without an order. Then this refund has its own row,
  with the reason \`second_payment\` or \`hold_ended\`, and the order stays as it is.
- In other situations the ${waiting} sets without \`succeeded\` change nothing: their events wait for the payment.
- The stock falls when the order and some of the payment are there at one moment. That alone depends on the order of arrival.`;
}

/** Sets with the same end in every situation share a row. Rows with little to return are first. */
function rowsOf(sets: readonly ReadonlySet<EventName>[]): readonly Row[] {
  const groups = Map.groupBy(sets, (names) =>
    JSON.stringify(
      mainSituations.map((situation) => expectedEnd(names, { variant: mainVariant, situation })),
    ),
  );
  const rows = [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map((names) => ({
      sets: group,
      order: expectedEnd(names, { variant: mainVariant, situation: 'pending' }),
      owed: expectedEnd(names, { variant: mainVariant, situation: 'ended hold' }),
    })),
  );
  return rows.toSorted((a, b) => returnedBy(a.order) - returnedBy(b.order));
}

function returnedBy({ refunds }: End): number {
  return refunds.reduce((sum, { amount }) => sum + amount, 0);
}

function cells({ sets, order, owed }: Row): readonly string[] {
  return [
    ...[refundEvents, disputeEvents].map((kind) => combinations(sets, kind)),
    `\`${order.status}\``,
    order.refunds.map(({ amount, reason }) => `${amount}.00 \`${reason}\``).join(', ') || 'none',
    order.disputes.map(({ status }) => status).join(', ') || 'none',
    owed.refunds
      .map(({ status, returned = 0 }) => {
        const isHeldBack = status === 'due' && owed.disputes.some((dispute) => dispute.status === 'open');
        return `\`${status}\`, ${total - returned}.00 left${isHeldBack ? ', held back' : ''}`;
      })
      .join(', '),
  ];
}

/** The different sets of these events, in words. */
function combinations(sets: readonly ReadonlySet<EventName>[], kind: readonly EventName[]): string {
  const texts = sets.map((names) =>
    kind
      .filter((name) => names.has(name))
      .map((name) => name.replace(/^refund(ed)? |^dispute /, ''))
      .join(' + '),
  );
  return [...new Set(texts)].map((text) => text || 'none').join('; ');
}

function ordersOf(size: number): number {
  return size < 2 ? 1 : size * ordersOf(size - 1);
}

function count(number: number): string {
  return number.toLocaleString('en');
}

if (import.meta.main) {
  writeFileSync(page, lifecycleWithTable());
}
