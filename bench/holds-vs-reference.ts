import { join } from 'node:path';
import { CheckoutClient } from '../test/support/checkout-client.ts';
import { createDatabase } from '../test/support/new-database.ts';
import { OwnServer } from '../test/support/own-server.ts';
import { atOnce } from '../test/support/tally.ts';
import { type LoadResult, loadProgram, post } from './load/post.ts';
import { compare, comparisonText, loadWithoutFailure, type Side } from './measure/compare.ts';
import { machineText, mySqlText } from './measure/machine.ts';
import { serverVariables, startCheckout } from './measure/measured-checkout.ts';
import { startNode } from './measure/node-process.ts';
import { scratchFolder } from './measure/scratch-folder.ts';
import { ReferenceTables } from './servers/reference-tables.ts';

/**
 * Holds on one hot product beside the usual way, one transaction for each: lock, sum up, insert. Both on one
 * MariaDB, behind the same HTTP server, with 10,000 live holds before. Ours keeps all that are made in the
 * rounds; the usual way, which gets slower with each, begins every load with 10,000 again.
 *
 * Usage: node bench/holds-vs-reference.ts [rounds] [seconds per load] [mysql://administrator@host]
 *
 * Without a URL a server is started for this, and thrown away.
 */
const [rounds = 5, seconds = 4] = process.argv.slice(2, 4).map(Number);
const givenUrl = process.argv[4];
const connectionCounts = [64, 256];
/** Connections of the usual way to its database: the best of these is taken, at each number of buyers. */
const poolSizes = [1, 2, 4, 8, 16, 32, 64];
const liveHolds = 10_000;
const stock = 1_000_000_000;
/** Memory as a server has it that is there for this alone, and a log that does not force it to write pages. */
const settings = ['innodb_buffer_pool_size=1G', 'innodb_log_file_size=512M'];
/** Holds outlive the run. */
const holdSeconds = { HOLD_SECONDS: '3600' };

const folder = scratchFolder();
const server = givenUrl === undefined ? await OwnServer.start('MariaDB', settings) : null;
const serverUrl = givenUrl ?? server?.url ?? '';
const database = await createDatabase('MariaDB', serverUrl);
const reference = await ReferenceTables.create(serverUrl, stock, liveHolds);
const checkout = await startCheckout(database.url, folder, holdSeconds);
try {
  const productId = await checkout.client.createProduct({ stock });
  for (let made = 0; made < liveHolds; made += 200) {
    await atOnce(200, () => checkout.client.hold(productId));
  }
  const ours = (connections: number): Side => ({
    name: 'holds',
    load: (forSeconds) =>
      counted(
        () => postHolds(checkout.client.url, productId, connections, forSeconds),
        async () => (await checkout.client.product(productId)).body.held_stock,
        connections,
      ),
  });

  for (const connections of connectionCounts) {
    const { poolSize, tried } = await bestPoolSize(connections);
    const comparison = await withReference(poolSize, connections, (side) =>
      compare(ours(connections), side, { rounds, seconds, warmUpSeconds: 2 }),
    );
    process.stdout.write(
      `${connections} connections; reference with a pool of ${poolSize}, the best of ${tried}\n` +
        `${comparisonText('holds', 'reference', comparison)}\n`,
    );
  }

  const { held_stock } = (await checkout.client.product(productId)).body;
  const clean = (await checkout.client.auditDifferences()).length === 0;
  const consistent = await reference.isConsistent();
  process.stdout.write(
    `audit ${clean ? 'clean' : 'NOT clean'} with ${held_stock} live holds, reference ${consistent ? 'consistent' : 'NOT consistent'}\n` +
      `${await mySqlText(serverUrl)}${givenUrl === undefined ? `, ${settings[1]}` : ''}\n${machineText()}, load by ${loadProgram}\n`,
  );
  process.exitCode = clean && consistent ? 0 : 1;
} finally {
  await checkout.stop();
  await reference.drop();
  await database.drop();
  await server?.end();
}

function postHolds(url: string, productId: number, connections: number, forSeconds: number) {
  const body = JSON.stringify({ product_id: productId, qty: 1 });
  return post({ url: `${url}/api/v1/holds`, body, connections, seconds: forSeconds });
}

/**
 * A load whose answers are compared with what is in the database afterwards: each answered hold is there. The
 * load ends with a request on each connection that nobody waits for; those may be there too.
 */
async function counted(
  load: () => Promise<LoadResult>,
  countHolds: () => Promise<number>,
  unanswered: number,
): Promise<LoadResult> {
  const before = await countHolds();
  const result = await load();
  const made = (await countHolds()) - before;
  if (made < result.answered || made > result.answered + unanswered) {
    throw new Error(`${result.answered} holds were answered, ${made} were made`);
  }
  return result;
}

async function bestPoolSize(connections: number): Promise<{ poolSize: number; tried: string }> {
  const tried: { readonly poolSize: number; readonly perSecond: number }[] = [];
  for (const poolSize of poolSizes) {
    const { perSecond } = await withReference(poolSize, connections, (side) => loadWithoutFailure(side, 3));
    tried.push({ poolSize, perSecond });
    process.stderr.write(
      `reference, ${connections} connections, pool ${poolSize}: ${Math.round(perSecond)}/s\n`,
    );
  }
  const best = tried.toSorted((a, b) => b.perSecond - a.perSecond)[0];
  const list = tried.map(({ poolSize, perSecond }) => `${poolSize}: ${Math.round(perSecond)}/s`).join(', ');
  return { poolSize: best?.poolSize ?? 1, tried: list };
}

async function withReference<Result>(
  poolSize: number,
  connections: number,
  use: (side: Side) => Promise<Result>,
): Promise<Result> {
  const node = await startNode('bench/servers/reference-server.ts', [], {
    ...serverVariables(join(folder, 'reference.log')),
    ...holdSeconds,
    REFERENCE_URL: reference.url,
    POOL: String(poolSize),
  });
  const client = new CheckoutClient(node.url, '');
  try {
    return await use({
      name: 'reference',
      load: async (forSeconds) => {
        await reference.backToBeginning();
        return counted(
          async () => {
            const result = await postHolds(node.url, reference.productId, connections, forSeconds);
            // It waits behind those that nobody waits for any more, so that they are no load on what follows.
            await client.hold(reference.productId);
            return result;
          },
          () => reference.countHolds(),
          connections + 1,
        );
      },
    });
  } finally {
    client.hangUp();
    await node.stop();
  }
}
