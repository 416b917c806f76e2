import { wrongAnswers } from './audit-answers.ts';
import { wrongMoney } from './audit-money.ts';
import { wrongUnits } from './audit-units.ts';
import { claimsOf } from './claims.ts';
import type { History } from './history.ts';

/**
 * What is wrong with a run: a sentence for each promise that was broken. The auditor knows what was asked and answered and what the lists
 * show at the end, and nothing of how it came about. Where it cannot know, it takes what is better for the service: it never complains
 * without a reason.
 */
export function audit(history: History): string[] {
  const claims = claimsOf(history);
  return [...wrongUnits(history, claims), ...wrongAnswers(history, claims), ...wrongMoney(history)];
}
