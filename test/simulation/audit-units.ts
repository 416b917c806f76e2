import type { Claim } from './claims.ts';
import type { Exchange, History } from './history.ts';
import { saleBeginsAtMs } from './plan.ts';

const never = Number.POSITIVE_INFINITY;

/**
 * How long a request without an answer may still take effect after it was sent: longer than its time in a queue, all waits for locks, the
 * longest freeze and what a server takes to commit what it has received.
 */
const inFlightMaxMs = 30_000;

type Span = { readonly fromMs: number; readonly toMs: number; readonly units: number };

/** At no instant more units are promised than there are, and in the end none is lost. */
export function wrongUnits(history: History, claims: ReadonlyMap<number, Claim>): string[] {
  return history.books.products.flatMap(({ id }) => [
    ...promisedTwice(history, claims, id),
    ...refusedForNothing(history, claims, id),
    ...lostInTheEnd(history, id),
  ]);
}

function promisedTwice(history: History, claims: ReadonlyMap<number, Claim>, productId: number): string[] {
  const spans = [...claims.values()]
    .filter(({ hold }) => hold.productId === productId)
    .flatMap((claim) => surelyPromised(claim, history));
  for (const { fromMs } of spans) {
    const promised = unitsAt(spans, fromMs);
    const stock = history.shop.stock + stockChangedBy(history, productId, fromMs, 'at most');
    if (promised > stock) {
      return [
        `${promised} units of product ${productId} were promised at ${second(fromMs)}, there were ${stock}`,
      ];
    }
  }
  return [];
}

/** When nobody else may have had the units of a claim: the spans do not overlap. */
function surelyPromised({ hold, order, ...claim }: Claim, { shop, clockErrorMs }: History): Span[] {
  const expiresMs = hold.expiresAtMs - saleBeginsAtMs;
  // An order whose answer was lost may have brought the deadline nearer.
  const deadlineMs =
    order === null
      ? Math.min(expiresMs, claim.orderAskedMs + shop.paymentSeconds * 1000)
      : order.paymentDueAtMs - saleBeginsAtMs;
  const endMs = Math.min(deadlineMs - clockErrorMs, claim.endAskedMs);
  const isSoldBefore = claim.soldMs <= endMs;
  const held = { fromMs: claim.givenMs, toMs: isSoldBefore ? never : endMs, units: hold.quantity };
  const sold = { fromMs: claim.soldMs, toMs: never, units: hold.quantity };
  const spans = isSoldBefore ? [held] : [held, sold];
  return spans.filter(({ fromMs, toMs }) => fromMs < toMs);
}

/** A refusal says that at some instant between request and answer too few units were free. */
function refusedForNothing(
  history: History,
  claims: ReadonlyMap<number, Claim>,
  productId: number,
): string[] {
  const possible = possiblyPromised(history, claims, productId);
  return history.exchanges.flatMap(({ command, answered, sentMs }) => {
    if (
      command.kind !== 'create_hold' ||
      command.productId !== productId ||
      answered?.reply.kind !== 'refused' ||
      answered.reply.code !== 'insufficient_stock'
    ) {
      return [];
    }
    const instants = [sentMs, ...possible.map(({ fromMs }) => fromMs)].filter(
      (atMs) => atMs >= sentMs && atMs <= answered.atMs,
    );
    const least = Math.min(
      ...instants.map(
        (atMs) =>
          history.shop.stock +
          stockChangedBy(history, productId, atMs, 'at least', answered.atMs) -
          unitsAt(possible, atMs),
      ),
    );
    return least < command.quantity
      ? []
      : [
          `${command.quantity} of product ${productId} were refused at ${second(answered.atMs)}, at least ${least} were free`,
        ];
  });
}

/** Every span in which somebody may have units of a product, by what is known. */
function possiblyPromised(
  history: History,
  claims: ReadonlyMap<number, Claim>,
  productId: number,
): readonly Span[] {
  const { clockErrorMs, shop, exchanges } = history;
  const paymentMs = (shop.paymentSeconds + 1) * 1000;
  const known = [...claims.values()].filter(({ hold }) => hold.productId === productId);
  const knownSpans = known.map((claim): Span => {
    const { hold, askedMs, orderAskedMs, paymentToldMs, endedMs } = claim;
    const expiresMs = hold.expiresAtMs - saleBeginsAtMs + clockErrorMs;
    const dueMs = orderAskedMs === never ? expiresMs : expiresMs + paymentMs + clockErrorMs;
    // Money may come late and take the units once more.
    const toMs = paymentToldMs === never ? Math.min(dueMs, endedMs) : never;
    return { fromMs: askedMs, toMs, units: hold.quantity };
  });
  const answeredSteps = new Set(
    exchanges.flatMap(({ step, answered }) => (answered?.reply.kind === 'hold_created' ? [step.id] : [])),
  );
  const holdMs = (shop.holdSeconds + 1) * 1000 + 2 * clockErrorMs;
  const unknownSpans = exchanges.flatMap(({ command, step, answered, sentMs }): Span[] =>
    command.kind === 'create_hold' &&
    command.productId === productId &&
    !answeredSteps.has(step.id) &&
    (answered === null || answered.reply.kind === 'failed')
      ? [{ fromMs: sentMs, toMs: sentMs + inFlightMaxMs + holdMs, units: command.quantity }]
      : [],
  );
  return [...knownSpans, ...unknownSpans];
}

function lostInTheEnd({ shop, books, exchanges }: History, productId: number): string[] {
  const product = books.products.find(({ id }) => id === productId);
  const soldUnits = books.orders
    .filter((order) => order.productId === productId && order.status === 'paid')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const found = (product?.stock ?? 0) + soldUnits - shop.stock;
  const changes = exchanges.flatMap(({ command, answered }) =>
    command.kind === 'change_stock' && command.productId === productId && answered?.reply.kind !== 'refused'
      ? [{ change: command.change, isSure: answered?.reply.kind === 'stock_changed' }]
      : [],
  );
  // A change without an answer may have taken place or not.
  const least = changes.reduce((sum, { change, isSure }) => sum + (isSure ? change : Math.min(0, change)), 0);
  const most = changes.reduce((sum, { change, isSure }) => sum + (isSure ? change : Math.max(0, change)), 0);
  return [
    ...(found < least || found > most
      ? [`product ${productId}: ${product?.stock} in stock and ${soldUnits} sold of ${shop.stock}`]
      : []),
    ...(product?.held === 0 ? [] : [`${product?.held} units of product ${productId} are held for ever`]),
  ];
}

/** By how much an operator has changed the stock at an instant, at most or at least, by what is known. */
function stockChangedBy(
  { exchanges }: History,
  productId: number,
  atMs: number,
  bound: 'at most' | 'at least',
  untilMs = atMs,
): number {
  let units = 0;
  for (const { command, answered, sentMs } of exchanges as readonly Exchange[]) {
    if (command.kind === 'change_stock' && command.productId === productId) {
      const isSure = answered?.reply.kind === 'stock_changed' && answered.atMs <= atMs;
      const isPossible = answered?.reply.kind !== 'refused' && sentMs <= untilMs;
      const counts = command.change > 0 === (bound === 'at most') ? isPossible : isSure;
      units += counts ? command.change : 0;
    }
  }
  return units;
}

function unitsAt(spans: readonly Span[], atMs: number): number {
  return spans.reduce((sum, { fromMs, toMs, units }) => sum + (fromMs <= atMs && atMs < toMs ? units : 0), 0);
}

function second(atMs: number): string {
  return `${(atMs / 1000).toFixed(3)} s`;
}
