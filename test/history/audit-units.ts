import type { Claim } from './claims.ts';
import { Coverage, type Span } from './coverage.ts';
import type { Exchange, History } from './history.ts';

const never = Number.POSITIVE_INFINITY;

/**
 * How long a request without an answer may still take effect after it was sent: longer than its time in a queue, all waits for locks, the
 * longest freeze and what a server takes to commit what it has received.
 */
const inFlightMaxMs = 30_000;

type Claims = ReadonlyMap<number, Claim>;

/** At no instant more units are promised than there are. */
export function promisedTwice(history: History, claims: Claims): string[] {
  const changesOf = stockChanges(history);
  const claimsOf = Map.groupBy(claims.values(), ({ hold }) => hold.productId);
  return history.onSale.flatMap(({ id, units }) => {
    const spans = (claimsOf.get(id) ?? []).flatMap((claim) => surelyPromised(claim, history));
    const promised = new Coverage(spans);
    const changes = changesOf.get(id) ?? [];
    for (const { fromMs } of spans) {
      const stock = units + stockChangedBy(changes, fromMs, 'at most');
      if (promised.at(fromMs) > stock) {
        return [
          `${promised.at(fromMs)} units of product ${id} were promised at ${second(fromMs)}, there were ${stock}`,
        ];
      }
    }
    return [];
  });
}

/** When nobody else may have had the units of a claim: the spans do not overlap. */
function surelyPromised(
  { hold, order, ...claim }: Claim,
  { rules, beginsAtMs, clockErrorMs }: History,
): Span[] {
  const expiresMs = hold.expiresAtMs - beginsAtMs;
  // An order whose answer was lost may have brought the deadline nearer.
  const deadlineMs =
    order === null
      ? Math.min(expiresMs, claim.orderAskedMs + rules.paymentSeconds * 1000)
      : order.paymentDueAtMs - beginsAtMs;
  const endMs = Math.min(deadlineMs - clockErrorMs, claim.endAskedMs);
  const isSoldBefore = claim.soldMs <= endMs;
  const held = { fromMs: claim.givenMs, toMs: isSoldBefore ? never : endMs, units: hold.quantity };
  const sold = { fromMs: claim.soldMs, toMs: never, units: hold.quantity };
  const spans = isSoldBefore ? [held] : [held, sold];
  return spans.filter(({ fromMs, toMs }) => fromMs < toMs);
}

/** A refusal says that at some instant between request and answer too few units were free. */
export function refusedForNothing(history: History, claims: Claims): string[] {
  const changesOf = stockChanges(history);
  const holdsOf = Map.groupBy(history.exchanges, ({ command }) =>
    command.kind === 'create_hold' ? command.productId : null,
  );
  const claimsOf = Map.groupBy(claims.values(), ({ hold }) => hold.productId);
  return history.onSale.flatMap(({ id, units }) => {
    const asked = holdsOf.get(id) ?? [];
    const possible = new Coverage(possiblyPromised(history, claimsOf.get(id) ?? [], asked));
    const changes = changesOf.get(id) ?? [];
    return asked.flatMap(({ command, answered, sentMs }) => {
      if (
        command.kind !== 'create_hold' ||
        answered?.reply.kind !== 'refused' ||
        answered.reply.code !== 'insufficient_stock'
      ) {
        return [];
      }
      const instants = [sentMs, ...possible.changesBetween(sentMs, answered.atMs)];
      const free = instants.map(
        (atMs) => units + stockChangedBy(changes, atMs, 'at least', answered.atMs) - possible.at(atMs),
      );
      const least = Math.min(...free);
      return least < command.quantity
        ? []
        : [
            `${command.quantity} of product ${id} were refused at ${second(answered.atMs)}, at least ${least} were free`,
          ];
    });
  });
}

/**
 * Every span in which somebody may have units of a product, by what is known.
 *
 * @param asked all requests for holds of it
 */
function possiblyPromised(
  { clockErrorMs, rules, beginsAtMs }: History,
  known: readonly Claim[],
  asked: readonly Exchange[],
): readonly Span[] {
  const paymentMs = (rules.paymentSeconds + 1) * 1000;
  const knownSpans = known.map((claim): Span => {
    const { hold, askedMs, orderAskedMs, paymentToldMs, endedMs } = claim;
    const expiresMs = hold.expiresAtMs - beginsAtMs + clockErrorMs;
    const dueMs = orderAskedMs === never ? expiresMs : expiresMs + paymentMs + clockErrorMs;
    // Money may come late and take the units once more.
    const toMs = paymentToldMs === never ? Math.min(dueMs, endedMs) : never;
    return { fromMs: askedMs, toMs, units: hold.quantity };
  });
  const answeredSteps = new Set(
    asked.flatMap(({ stepId, answered }) => (answered?.reply.kind === 'hold_created' ? [stepId] : [])),
  );
  const holdMs = (rules.holdSeconds + 1) * 1000 + 2 * clockErrorMs;
  const unknownSpans = asked.flatMap(({ command, stepId, answered, sentMs }): Span[] =>
    command.kind === 'create_hold' &&
    !answeredSteps.has(stepId) &&
    (answered === null || answered.reply.kind === 'failed')
      ? [{ fromMs: sentMs, toMs: sentMs + inFlightMaxMs + holdMs, units: command.quantity }]
      : [],
  );
  return [...knownSpans, ...unknownSpans];
}

/** In the end no unit is lost, none is there that nobody brought, and none is held. */
export function lostUnits(history: History): string[] {
  const changesOf = stockChanges(history);
  const { books, onSale } = history;
  const products = new Map(books.products.map((product) => [product.id, product]));
  // What was bought stays sold when its money goes back later.
  const sold = Map.groupBy(
    books.holds.filter(({ status }) => status === 'consumed'),
    ({ productId }) => productId,
  );
  return onSale.flatMap(({ id, units }) => {
    const product = products.get(id);
    const soldUnits = (sold.get(id) ?? []).reduce((sum, { quantity }) => sum + quantity, 0);
    const found = (product?.stock ?? 0) + soldUnits - units;
    const changes = (changesOf.get(id) ?? []).filter(({ isPossible }) => isPossible);
    const sum = (of: (change: StockChange) => number) => changes.reduce((all, change) => all + of(change), 0);
    // A change without an answer may have taken place or not.
    const least = sum(({ change, sureMs }) => (sureMs < never ? change : Math.min(0, change)));
    const most = sum(({ change, sureMs }) => (sureMs < never ? change : Math.max(0, change)));
    return [
      ...(found < least || found > most
        ? [`product ${id}: ${product?.stock} in stock and ${soldUnits} sold of ${units}`]
        : []),
      ...(product?.held === 0 ? [] : [`${product?.held} units of product ${id} are held for ever`]),
    ];
  });
}

/** An operator's change of the stock: when it was asked for, and since when it has surely taken place. */
type StockChange = {
  readonly change: number;
  readonly askedMs: number;
  readonly sureMs: number;
  readonly isPossible: boolean;
};

/** By the product. */
function stockChanges({ exchanges }: History): ReadonlyMap<number, readonly StockChange[]> {
  const changes = exchanges.flatMap(({ command, answered, sentMs }) =>
    command.kind === 'change_stock'
      ? [
          {
            productId: command.productId,
            change: command.change,
            askedMs: sentMs,
            sureMs: answered?.reply.kind === 'stock_changed' ? answered.atMs : never,
            isPossible: answered?.reply.kind !== 'refused',
          },
        ]
      : [],
  );
  return Map.groupBy(changes, ({ productId }) => productId);
}

/** By how much an operator has changed the stock at an instant, at most or at least, by what is known. */
function stockChangedBy(
  changes: readonly StockChange[],
  atMs: number,
  bound: 'at most' | 'at least',
  untilMs = atMs,
): number {
  return changes.reduce((units, { change, askedMs, sureMs, isPossible }) => {
    const counts = change > 0 === (bound === 'at most') ? isPossible && askedMs <= untilMs : sureMs <= atMs;
    return units + (counts ? change : 0);
  }, 0);
}

function second(atMs: number): string {
  return `${(atMs / 1000).toFixed(3)} s`;
}
