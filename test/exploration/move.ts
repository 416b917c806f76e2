import { type VerbName, verbs } from './verbs.ts';

/** One verb at one buyer or product, counted from 0. */
export type Act = { readonly verb: VerbName; readonly place: number };

/** A step of the world: time goes on, a buyer comes back, or a batch of commands. */
export type Move =
  | { readonly kind: 'time' }
  | { readonly kind: 'comes back'; readonly place: number }
  | {
      readonly kind: 'batch';
      /** One, or two in order of arrival. */
      readonly acts: readonly Act[];
      /** Which of the orders that overdue holds may have by their ids. */
      readonly tie: number;
    };

const verbNames = Object.keys(verbs).sort() as VerbName[];
/** Smaller numbers are no verbs, so that a move without an act is told from one with. */
const firstVerb = 2;
const numberOfVerb = new Map(verbNames.map((name, index) => [name, index + firstVerb]));

const placeBits = 2;
const placeMask = (1 << placeBits) - 1;
const actBits = 8;
const actMask = (1 << actBits) - 1;

export function verbNumber(verb: VerbName): number {
  return numberOfVerb.get(verb) ?? 0;
}

/** A move as a number, where it is no batch of two. */
export function numberOfMove(move: Move): number {
  switch (move.kind) {
    case 'time':
      return 0;
    case 'comes back':
      return 1 + move.place;
    case 'batch': {
      const [act] = move.acts;
      return act === undefined ? 0 : (move.tie << actBits) | (verbNumber(act.verb) << placeBits) | act.place;
    }
  }
}

export function moveOf(number: number): Move {
  const verb = verbNames[((number & actMask) >> placeBits) - firstVerb];
  if (verb !== undefined) {
    return { kind: 'batch', acts: [{ verb, place: number & placeMask }], tie: number >> actBits };
  }
  return number === 0 ? { kind: 'time' } : { kind: 'comes back', place: number - 1 };
}

const orders: (readonly (readonly number[])[])[] = [[[]]];

/** The numbers below `count` in every order, the usual one first. */
export function ordersOf(count: number): readonly (readonly number[])[] {
  let all = orders[count];
  if (all === undefined) {
    all = ordersOf(count - 1)
      .flatMap((order) =>
        [...order, 0].map((_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]),
      )
      .sort((a, b) => (a.join() < b.join() ? -1 : 1));
    orders[count] = all;
  }
  return all;
}
