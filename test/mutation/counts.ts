import type { Stryker } from '@stryker-mutator/core';

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

export type Counts = {
  /**
   * Percent of the mutants that were noticed: killed by a test, or caught in a loop without an end. Rounded down to a tenth; null when
   * there were none.
   */
  readonly score: number | null;
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  /** Not even run by any test. */
  readonly noCoverage: number;
};

/** Counts mutants by what became of them. One with which the tests could not even be read proves nothing and is left out. */
export function countsOf(results: readonly Pick<MutantResult, 'status'>[]): Counts {
  const count = (status: MutantResult['status']) =>
    results.filter((result) => result.status === status).length;
  const [killed, timedOut] = [count('Killed'), count('Timeout')];
  const [survived, noCoverage] = [count('Survived'), count('NoCoverage')];
  const mutants = killed + timedOut + survived + noCoverage;
  const score = mutants === 0 ? null : Math.floor((1000 * (killed + timedOut)) / mutants) / 10;
  return { score, mutants, killed, timedOut, survived, noCoverage };
}
