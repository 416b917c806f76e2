import type { Asked, Books, Exchange, History, Reply } from './history.ts';

/** A history in plain words: a sentence for each request with its answer, in the order in which they were sent, then the books. */
export function historyInWords({ exchanges, books, beginsAtMs }: History): readonly string[] {
  return [
    ...exchanges.map((exchange) => exchangeInWords(exchange, beginsAtMs)),
    ...booksInWords(books).map((sentence) => `In the end ${sentence}`),
  ];
}

/** How things are called in complaints and sentences alike. Products come last: what is said of one is said of many. */
const names = /(?:hold|order|refund|key|event|payment) \d+/g;
const productNames = /product \d+/g;

/** The sentences that tell of what a complaint names, and of the holds and orders that these name. */
export function sentencesAbout(complaint: string, sentences: readonly string[]): readonly string[] {
  const named = complaint.match(names);
  if (named === null) {
    return naming(sentences, complaint.match(productNames) ?? []);
  }
  const near = naming(sentences, named);
  const further = near.flatMap((sentence) => sentence.match(/(?:hold|order) \d+/g) ?? []);
  return naming(sentences, [...named, ...further]);
}

function naming(sentences: readonly string[], wanted: readonly string[]): readonly string[] {
  const all = new Set(wanted);
  return sentences.filter((sentence) =>
    [...(sentence.match(names) ?? []), ...(sentence.match(productNames) ?? [])].some((name) => all.has(name)),
  );
}

function exchangeInWords({ sentMs, node, command, answered }: Exchange, beginsAtMs: number): string {
  const reply =
    answered === null
      ? 'no answer'
      : `${secondsText(answered.atMs)}: ${replyInWords(answered.reply, beginsAtMs)}`;
  return `${secondsText(sentMs)}: node ${node + 1} is asked to ${requestInWords(command)}; ${reply}`;
}

function requestInWords(command: Asked): string {
  switch (command.kind) {
    case 'create_hold':
      return `give ${command.quantity} of product ${command.productId}${keyInWords(command.idempotencyKey)}`;
    case 'create_order':
      return `order hold ${command.holdId}${keyInWords(command.idempotencyKey)}`;
    case 'release_hold':
      return `let hold ${command.holdId} go`;
    case 'cancel_order':
      return `cancel order ${command.orderId}`;
    case 'apply_payment_event': {
      const { key, orderId, holdId, status, amountMinor, reference } = command.event;
      const about = orderId === null ? `hold ${holdId}` : `order ${orderId}`;
      const amount = amountMinor === null ? 'no amount' : `${amountMinor} cents`;
      return `take in "${key}": ${about} ${status}, ${amount}, "${reference ?? 'no reference'}"`;
    }
    case 'change_stock':
      return `change the stock of product ${command.productId} by ${command.change}`;
    case 'settle_refund':
      return `settle refund ${command.refundId}`;
  }
}

function keyInWords(key: string | null): string {
  return key === null ? ', without a key' : `, with "${key}"`;
}

function replyInWords(reply: Reply, beginsAtMs: number): string {
  const again = 'replayed' in reply && reply.replayed ? ', as before' : '';
  switch (reply.kind) {
    case 'hold_created':
      return `hold ${reply.hold.id} until ${secondsText(reply.hold.expiresAtMs - beginsAtMs)}${again}`;
    case 'order_created':
    case 'order_cancelled':
      return `order ${reply.order.id} of hold ${reply.order.holdId} is ${reply.order.status}${again}`;
    case 'payment_event_answered': {
      const { answer } = reply;
      const of = answer.result === 'parked' ? '' : `, order ${answer.orderId} is ${answer.orderStatus}`;
      return `${answer.result}${of}${again}`;
    }
    case 'refused':
      return `refused, ${reply.code}`;
    case 'failed':
      return `failed, ${reply.code}${reply.code === 'internal_error' ? `: ${String(reply.cause)}` : ''}`;
    default:
      return 'done';
  }
}

function booksInWords({ products, holds, orders, events, refunds }: Books): readonly string[] {
  return [
    ...products.map(({ id, stock, held }) => `${stock} of product ${id} are in stock, ${held} are held`),
    ...holds.map(
      ({ id, quantity, productId, status }) =>
        `hold ${id} of ${quantity} of product ${productId} is ${status}`,
    ),
    ...orders.map(({ id, holdId, status }) => `order ${id} of hold ${holdId} is ${status}`),
    ...events.map(
      ({ key, status, orderId, holdId, reference, result }) =>
        `"${key}" (${status}, order ${orderId}, hold ${holdId}, "${reference ?? 'no reference'}") is ${result}`,
    ),
    ...refunds.map(
      ({ id, paymentName, amountMinor, reason, status }) =>
        `refund ${id} of ${amountMinor} cents of "${paymentName}" for ${reason} is ${status}`,
    ),
  ];
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
