import { join } from 'node:path';
import { commitRows } from '../load/commits.ts';
import { plentyOfStock } from '../load/holds.ts';
import { wrkVersion } from '../load/wrk.ts';
import type { Side } from '../measure/compare.ts';
import type { TimedLoadResult } from '../measure/load-result.ts';
import { type Case, type Cases, loadText, planText, ratioOf } from './case.ts';
import { holdsOn, holdsWithoutEffect, sameServer } from './holds.ts';
import type { Stage } from './stage.ts';

type Figure = 'p99Ms' | 'medianMs';

/** How long a hold takes beside what it cannot do without: an answer of the server, and one commit. */
export const latencyCases: Cases = (databases) =>
  databases.includes('sqlite')
    ? [
        latencyCase('p99 of holds, SQLite, 100 connections', 100, 'p99Ms'),
        latencyCase('one buyer alone, median of holds, SQLite', 1, 'medianMs'),
      ]
    : [];

function latencyCase(name: string, connections: number, figure: Figure): Case {
  return {
    name,
    sides: 3,
    preparationSeconds: 0,
    run: (stage) => measure(stage, name, connections, figure),
  };
}

async function measure(stage: Stage, name: string, connections: number, figure: Figure) {
  const database = await stage.database('sqlite');
  const { client } = await stage.checkout(database);
  const noOp = await stage.noOp();
  const productId = await client.createProduct({ stock: plentyOfStock });
  const commits: Side<TimedLoadResult> = {
    name: 'commits',
    load: (seconds) => commitRows(join(stage.folder, 'commits.db'), seconds),
  };
  const turns = await stage.inTurn({
    noOp: holdsWithoutEffect(noOp.url, connections),
    commits,
    holds: holdsOn(client, productId, connections),
  });
  await stage.audit(client);
  const by = connections === 1 && wrkVersion === null ? 'a small program on Node' : loadText;
  const word = figure === 'p99Ms' ? 'p99' : 'median';
  return [
    ratioOf({
      name,
      samples: turns.map((turn) => turn.holds[figure] / (turn.noOp[figure] + turn.commits[figure])),
      target: { atMost: 2 },
      how: `The ${word} of how long a hold takes ÷ (the ${word} of ${sameServer} that does nothing but write the log line + the ${word} of committing one row into a file of its own, alone): ${planText(stage.plan, connections, by)}; ${database.text}`,
      sides: (['holds', 'noOp', 'commits'] as const).map((side) => ({
        name: side === 'noOp' ? 'no-op' : side,
        unit: 'ms',
        samples: turns.map((turn) => turn[side][figure]),
      })),
    }),
  ];
}
