import { readFileSync, writeFileSync } from 'node:fs';
import { type EventName, eventNames, sequences, total } from '../test/arrival-order/events.ts';
import { type Expected, expectedEnd, situations } from '../test/arrival-order/model.ts';

const page = 'docs/lifecycle.md';
const [begin, end] = ['<!-- arrival orders: begin -->', '<!-- arrival orders: end -->'];

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
  const count = sequences().length;
  const rows = setsWithPayment().map((names) => {
    const reported = [...names].filter((name) => name !== 'succeeded');
    const order = expectedEnd(names, 'pending');
    return `| ${reported.join(', ') || 'nothing'} | \`${order.status}\` | ${refundText(order)} | ${disputeText(order)} | ${refundText(expectedEnd(names, 'ended hold'))} |`;
  });
  return `Made by \`npm run docs:lifecycle\` from the model of \`test/arrival-order/\`, which shares no code with the service. The tests
play every order of every subset of at most four of seven events: ${count.toLocaleString('en')} sequences for each of ${situations.length} situations (order
pending, expired, paid before; hold without an order; hold that ended), on every database. The payment is of ${total}.00, the
part of 40.00; the refund that failed is the second one, of 60.00; the dispute is about all of it. Without its payment
nothing changes, and the events wait.

| reported beside the payment, in any order | order | its refunds | its disputes | refund of a hold that ended without an order |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

/** Each set that has the payment in it, small ones first. */
function setsWithPayment(): readonly ReadonlySet<EventName>[] {
  const sets = new Map<string, ReadonlySet<EventName>>();
  for (const names of sequences()) {
    const set = new Set(eventNames.filter((name) => names.includes(name)));
    if (set.has('succeeded')) {
      sets.set([...set].join(), set);
    }
  }
  return [...sets.values()].sort((a, b) => a.size - b.size);
}

function refundText({ refunds }: Expected): string {
  return refunds
    .map(({ amount, status, reason, returned }) =>
      reason === 'hold_ended'
        ? `${status}, ${returned ?? 0} of ${amount} returned`
        : `${amount} \`${reason}\``,
    )
    .join(', ');
}

function disputeText({ disputes }: Expected): string {
  return disputes.map(({ status }) => status).join(', ');
}

if (import.meta.main) {
  writeFileSync(page, lifecycleWithTable());
}
