import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/**
 * Seeds whose cases once failed. They run first, so that a regression fails with a known case. The number of cases covers the one that
 * failed.
 */
const pastFailures = [
  { seed: 704_796_132, numRuns: 100 },
  { seed: 129_237_510, numRuns: 120 },
  { seed: 203_193_771, numRuns: 10 },
];

/** Ten properties × 2,100 are 21,000 cases: 23 s of processor time in three test files. */
const newCases = 2100;

/** A new seed for each run; `PROPERTY_SEED` replays the seed that a failed run printed. */
const newSeed = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));
process.stdout.write(`Property seed: ${newSeed} (replay with PROPERTY_SEED=${newSeed})\n`);

/** Checks a property on the cases of past failures, then on new ones. fast-check reports the shortest case that fails. */
export function runProperty<Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>): void {
  for (const past of pastFailures) {
    fc.assert(property, past);
  }
  fc.assert(property, { seed: newSeed, numRuns: newCases });
}
