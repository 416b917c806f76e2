import type { BenchDatabaseKind, BenchPart } from '../../src/cli/bench-program.ts';
import type { Case, Cases } from './case.ts';
import { holdCases } from './holds.ts';
import { latencyCases } from './latency.ts';
import { peerCases } from './peers.ts';
import { purchaseCases } from './purchases.ts';
import { readCases } from './reads.ts';
import { refusalCases } from './refusals.ts';

const casesByPart: Readonly<Record<BenchPart, Cases>> = {
  holds: holdCases,
  peers: peerCases,
  refusals: refusalCases,
  reads: readCases,
  purchases: purchaseCases,
  latency: latencyCases,
};

/** A comparison, and which part of the run it is of. */
export type PartCase = Case & { readonly part: BenchPart };

/** All comparisons of these parts, in the order of the parts. */
export function comparisonsOf(
  parts: readonly BenchPart[],
  databases: readonly BenchDatabaseKind[],
): readonly PartCase[] {
  return parts.flatMap((part) => casesByPart[part](databases).map((each) => ({ ...each, part })));
}
