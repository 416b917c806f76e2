import { lostAnswers, secondEffects, wrongAnswers } from './audit-answers.ts';
import { wrongMoney } from './audit-money.ts';
import { lostUnits, promisedTwice, refusedForNothing } from './audit-units.ts';
import { claimsOf } from './claims.ts';
import type { History } from './history.ts';

/** What the service promises, and for each promise a sentence for each time that it was broken. */
export type BrokenPromises = {
  /** What was acknowledged is there, and no unit is missing or too many in the end. */
  readonly lost: readonly string[];
  /** At no instant more units are promised than there are. */
  readonly oversold: readonly string[];
  /** A key has one effect, and a request makes one row. */
  readonly effects: readonly string[];
  /** Each payment is fulfilled or goes back, once. */
  readonly money: readonly string[];
  /** Nothing is refused or granted for no reason. */
  readonly answers: readonly string[];
};

/**
 * What is wrong with a sale. The auditor knows what was asked and answered and what the lists show at the end, and nothing of how it came
 * about. Where it cannot know, it takes what is better for the service: it never complains without a reason.
 */
export function brokenPromises(history: History): BrokenPromises {
  const claims = claimsOf(history);
  return {
    lost: [...lostAnswers(history), ...lostUnits(history)],
    oversold: promisedTwice(history, claims),
    effects: secondEffects(history),
    money: wrongMoney(history),
    answers: [...wrongAnswers(history, claims), ...refusedForNothing(history, claims)],
  };
}

/** All of it: a sentence for each promise that was broken. */
export function audit(history: History): string[] {
  return Object.values(brokenPromises(history)).flat();
}
