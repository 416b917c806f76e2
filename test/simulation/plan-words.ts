import type { Fact, Pay, Step } from '../stories/step.ts';
import type { Fault, Plan, Shop } from './plan.ts';

const people = ['Anna', 'Ben', 'Clara', 'David', 'Emma', 'Felix', 'Greta', 'Hugo'];

/** What happens by a plan, in plain words, one line for each step and fault, by the time, and then what is wrong. */
export function planInWords({ shop, steps, faults }: Plan, wrong: readonly string[]): string {
  const lines = [
    ...steps.map((step) => ({ atMs: step.atMs, words: stepWords(step) })),
    ...faults.map((fault) => ({ atMs: fault.atMs, words: faultWords(fault) })),
  ]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, words }, index) => `${index + 1}. ${(atMs / 1000).toFixed(3)} s: ${words}`);
  return [shopWords(shop), ...lines, ...wrong.map((sentence) => `Then: ${sentence}.`)].join('\n');
}

function shopWords({ nodes, database, products, stock, holdSeconds, paymentSeconds }: Shop): string {
  const of = database === 'cluster' ? 'each with a host of a cluster' : 'one database';
  return `${count(nodes, 'node')}, ${of}; ${count(products, 'product')} of ${count(stock, 'unit')}; ${holdSeconds} s to order, ${paymentSeconds} s to pay.`;
}

function stepWords(step: Step): string {
  const who = people[step.buyer] ?? 'a stranger';
  const node = `node ${step.node + 1}`;
  switch (step.kind) {
    case 'hold':
      return `${who} asks ${node} to hold ${step.quantity} of product ${step.productId}${keyWords(step.idempotencyKey)}`;
    case 'order':
      return `${who} orders at ${node}${keyWords(step.idempotencyKey)}`;
    case 'release':
      return `${who} lets the hold go at ${node}`;
    case 'cancel':
      return `${who} cancels the order at ${node}`;
    case 'pay':
      return `${node} is told that ${paymentWords(who, step)}`;
    case 'fact':
      return `${node} is told that ${factWords(who, step)}`;
    case 'restock':
      return `an operator changes the stock of product ${step.productId} by ${step.change} at ${node}`;
    case 'expire':
      return `the worker of ${node} releases what is overdue`;
    case 'recheck':
      return `the worker of ${node} looks at the events that wait`;
    case 'settle':
      return 'an operator settles the refunds that are due';
  }
}

function paymentWords(who: string, { key, names, status, amount, reference }: Pay): string {
  const about = {
    order: 'the order',
    'order soon': 'the order, answered or not',
    hold: 'the hold',
    stranger: 'an order that nobody knows',
  }[names];
  const money = { right: '', wrong: ' with the wrong amount', unsaid: ' without an amount' }[amount];
  const what = status === 'paid' ? `paid for ${about}${money}` : `failed to pay for ${about}`;
  return `${who} ${what} ("${key}", ${reference === null ? 'no reference' : `"${reference}"`})`;
}

function factWords(
  who: string,
  { key, of, namesTarget, status, amount, factId, occurredAtMs }: Fact,
): string {
  const money = { all: 'all of it', half: 'half of it', unsaid: 'an unsaid amount' }[amount];
  const about = namesTarget ? `, naming the ${of.names === 'hold' ? 'hold' : 'order'} too` : '';
  return `${who}'s "${of.reference}" is ${status}, ${money}, as of ${occurredAtMs} ms${factId === null ? '' : `, "${factId}"`} ("${key}"${about})`;
}

function keyWords(key: string | null): string {
  return key === null ? ', without a key' : `, with "${key}"`;
}

function faultWords(fault: Fault): string {
  const node = `node ${fault.node + 1}`;
  switch (fault.kind) {
    case 'crash':
      return `${node} dies, and is back after ${fault.forMs} ms`;
    case 'crash before commit':
      return `from now on ${node} dies before its next commit, and is back after ${fault.forMs} ms`;
    case 'crash after commit':
      return `from now on ${node} dies after its next commit, before it answers, and is back after ${fault.forMs} ms`;
    case 'freeze':
      return `${node} stands still for ${fault.forMs} ms`;
    case 'slow statement':
      return `the next statement of ${node} takes ${fault.forMs} ms`;
    case 'connection lost':
      return `the connection of ${node} falls at its next statement, and the server notices after ${fault.forMs} ms`;
    case 'commit lost':
      return `the connection of ${node} falls during its next commit, which takes place ${
        { before: 'before', later: `${fault.forMs} ms later`, never: 'never' }[fault.tookPlace]
      }`;
    case 'clock jump':
      return `the clock of the database jumps by ${fault.byMs} ms`;
    case 'deadlock':
      return `the next statement of ${node} is ended as a deadlock`;
    case 'id taken':
      return `the next new id of ${node} is taken already`;
    case 'read fails':
      return `the next read of ${node} fails`;
    case 'database away':
      return `the database is away for the next transaction of ${node}`;
    case 'request lost':
      return `the next request to ${node} is lost`;
    case 'answer lost':
      return `the next answer of ${node} is lost`;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
