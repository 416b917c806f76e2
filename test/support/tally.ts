import type { Reply } from './checkout-client.ts';

/**
 * How many answers there are of each status, or of each code where one is given: `{ 201: 10,
 * insufficient_stock: 10 }`.
 */
export function tally(replies: readonly Reply[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, body } of replies) {
    const name = status >= 400 ? (body.code ?? status) : status;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The results of doing the same thing `count` times at once. */
export function atOnce<Result>(count: number, action: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => action(index)));
}
