import type { BenchDatabaseKind } from '../../src/cli/bench-program.ts';
import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { plentyOfStock, postHolds } from '../load/holds.ts';
import type { Side } from '../measure/compare.ts';
import type { TimedLoadResult } from '../measure/load-result.ts';
import type { Measurement, Target } from '../measure/measurement.ts';
import { type Case, type Cases, planText, ratioOf } from './case.ts';
import { databaseTitles } from './compared-databases.ts';
import { counted, type Stage } from './stage.ts';

const connectionCounts = [64, 256] as const;
type Connections = (typeof connectionCounts)[number];

const targets: Readonly<Partial<Record<BenchDatabaseKind, Readonly<Record<Connections, Target>>>>> = {
  sqlite: { 64: { atLeast: 0.8 }, 256: { atLeast: 0.9 } },
  mariadb: { 64: { atLeast: 0.4 }, 256: { atLeast: 0.6 } },
};

/** What the server that does nothing has in common with the service, as every `how` says it. */
export const sameServer = 'the same HTTP server with the same schemas, plugins and answer';

/** Holds on one hot product beside the same server that does nothing. */
export const holdCases: Cases = (databases) =>
  databases.flatMap((kind) => connectionCounts.map((connections) => holdCase(kind, connections)));

function holdCase(kind: BenchDatabaseKind, connections: Connections): Case {
  const name = `holds, ${databaseTitles[kind]}, ${connections} connections`;
  return {
    name,
    sides: 2,
    preparationSeconds: 0,
    run: (stage) => measure(stage, name, kind, connections),
  };
}

async function measure(
  stage: Stage,
  name: string,
  kind: BenchDatabaseKind,
  connections: Connections,
): Promise<readonly Measurement[]> {
  const database = await stage.database(kind);
  const { client } = await stage.checkout(database);
  const noOp = await stage.noOp();
  const productId = await client.createProduct({ stock: plentyOfStock });
  const turns = await stage.inTurn({
    noOp: holdsWithoutEffect(noOp.url, connections),
    holds: holdsOn(client, productId, connections),
  });
  await stage.audit(client);
  const holds = turns.map((turn) => turn.holds.perSecond);
  const noOps = turns.map((turn) => turn.noOp.perSecond);
  return [
    ratioOf({
      name,
      samples: turns.map((turn) => turn.holds.perSecond / turn.noOp.perSecond),
      target: targets[kind]?.[connections] ?? null,
      how: `Holds a second on one product ÷ those of ${sameServer} that does nothing but write the log line: ${planText(stage.plan, connections)}; ${database.text}`,
      sides: [
        { name: 'holds', unit: '/s', samples: holds },
        { name: 'no-op', unit: '/s', samples: noOps },
      ],
    }),
  ];
}

/** Holds of one unit on a product, counted in the database after each load. */
export function holdsOn(
  client: CheckoutClient,
  productId: number,
  connections: number,
): Side<TimedLoadResult> {
  return {
    name: 'holds',
    load: (seconds) =>
      counted(
        () => postHolds(client.url, productId, connections, seconds),
        async () => (await client.product(productId)).body.held_stock,
        connections,
      ),
  };
}

/** Holds that a server grants which keeps none. */
export function holdsWithoutEffect(url: string, connections: number): Side<TimedLoadResult> {
  return { name: 'the no-op', load: (seconds) => postHolds(url, 1, connections, seconds) };
}
