import { readFileSync, writeFileSync } from 'node:fs';
import { type Kept, keptFigures, type ProofName, type SaleFigures } from '../test/proof/kept-figures.ts';
import { count } from '../test/support/terminal.ts';

/** What the programs kept of their last runs; null is one that was not run. */
export type Proof = { readonly [Name in ProofName]: Kept<Name> | null };

const file = 'README.md';
const begin = '<!-- Made by "npm run docs:proof" of what these programs kept of their last runs. -->\n';
const end = '<!-- End of the table. -->\n';
const notRun = 'not run';

/** A README with the table of what was kept in the place of the one that is there. */
export function withProofTable(readme: string, proof: Proof): string {
  const [before, table, ...others] = readme.split(begin);
  const [, after, ...more] = table?.split(end) ?? [];
  if (before === undefined || after === undefined || others.length + more.length > 0) {
    throw new Error(
      `expected one place for the table in ${file}, between "${begin.trim()}" and "${end.trim()}"`,
    );
  }
  return `${before}${begin}\n${proofTable(proof)}\n${end}${after}`;
}

export function keptProof(): Proof {
  return {
    exploration: keptFigures('exploration'),
    simulation: keptFigures('simulation'),
    chaos: keptFigures('chaos'),
    hostile: keptFigures('hostile'),
    defects: keptFigures('defects'),
    mutation: keptFigures('mutation'),
  };
}

function proofTable({ exploration, simulation, chaos, hostile, defects, mutation }: Proof): string {
  const sales = (figureOf: (figures: SaleFigures) => number): string => {
    const text = (kept: { readonly figures: SaleFigures } | null) =>
      kept === null ? notRun : count(figureOf(kept.figures));
    return `simulated: ${text(simulation)}; real processes: ${text(chaos)}`;
  };
  const explored = exploration?.figures;
  const mutated = mutation?.figures;
  const rows: readonly (readonly [what: string, figure: string, command: string | undefined])[] = [
    [
      'different states explored',
      explored === undefined
        ? notRun
        : `${count(explored.states)} in ${explored.seconds} s; promises broken: ${count(explored.broken)}`,
      exploration?.command,
    ],
    ['seeds simulated', simulation === null ? notRun : count(simulation.figures.seeds), simulation?.command],
    ['faults injected', sales(({ faults }) => faults), chaos?.command],
    ['operations acknowledged', sales(({ acknowledged }) => acknowledged), undefined],
    ['of these lost', sales(({ lost }) => lost), undefined],
    ['oversold', sales(({ oversold }) => oversold), undefined],
    ['other promises broken', sales(({ otherwise }) => otherwise), undefined],
    [
      'hostile requests',
      hostile === null
        ? notRun
        : `${count(hostile.figures.requests)}; answered with 5xx: ${count(hostile.figures.serverErrors)}; promises broken: ${count(hostile.figures.broken)}`,
      hostile?.command,
    ],
    [
      'mutation score of rules and engine',
      mutated === undefined
        ? notRun
        : `${mutated.score === null ? '' : `${mutated.score.toFixed(1)} % of `}${count(mutated.mutants)} mutants`,
      mutation?.command,
    ],
    [
      'defects made by hand, found by two checks or more',
      defects === null ? notRun : `${count(defects.figures.caughtTwice)} of ${count(defects.figures.tried)}`,
      defects?.command,
    ],
  ];
  const lines = rows.map(
    ([what, figure, command]) => `| ${what} | ${figure} | ${command === undefined ? '' : `\`${command}\``} |`,
  );
  return `| | | made by |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
}

if (import.meta.main) {
  writeFileSync(file, withProofTable(readFileSync(file, 'utf8'), keptProof()));
}
