import { setTimeout as pause } from 'node:timers/promises';
import Table from 'cli-table3';
import type { Body, CheckoutClient } from '../test/support/checkout-client.ts';
import { createDatabase } from '../test/support/new-database.ts';
import { OwnServer } from '../test/support/own-server.ts';
import type { ServerName } from '../test/support/servers.ts';
import type { Operation } from './load/answers.ts';
import { plentyOfStock } from './load/holds.ts';
import { PersistentBuyers } from './load/persistent-buyers.ts';
import { machineText } from './measure/machine.ts';
import { startCheckout } from './measure/measured-checkout.ts';
import { scratchFolder } from './measure/scratch-folder.ts';

/**
 * What becomes of acknowledged operations when the database is killed with SIGKILL, over and over, in the
 * middle of a load on two processes. It starts again on its data each time, at once unless said otherwise.
 *
 * Usage: node bench/database-kills.ts [mariadb|mysql|postgres] [kills] [seconds] [seconds away each time]
 *
 * Ends with 1 when anything is lost, answered in an unexpected way, or not as the audit wants it.
 */
const names: Readonly<Record<string, ServerName>> = {
  mariadb: 'MariaDB',
  mysql: 'MySQL',
  postgres: 'PostgreSQL',
};
const name = names[process.argv[2] ?? 'mariadb'];
const [kills = 10, seconds = 120, awaySeconds = 0] = process.argv.slice(3).map(Number);
const buyersOfEach = 50;
/** After the database is back, how long the service may need before that is a failure of the run. */
const serviceMs = 60_000;
if (
  name === undefined ||
  !Number.isSafeInteger(kills) ||
  kills < 1 ||
  !(seconds > 0) ||
  !(awaySeconds >= 0)
) {
  throw new Error(
    `expected mariadb, mysql or postgres, one kill or more, and seconds, got ${process.argv.slice(2).join(' ')}`,
  );
}

const folder = scratchFolder();
const server = await OwnServer.start(name);
const { url } = await createDatabase(name, server.url);
const checkouts = [await startCheckout(url, folder), await startCheckout(url, folder)] as const;
try {
  const clients = checkouts.map(({ client }) => client);
  const { client } = checkouts[0];
  const buyers = new PersistentBuyers(await client.createProduct({ stock: plentyOfStock }));
  const startedMs = performance.now();
  const load = buyers.run(clients, buyersOfEach);
  const gapsMs = await killOverAndOver(server, buyers);
  buyers.stop();
  await load;
  const loadSeconds = Math.round((performance.now() - startedMs) / 1000);

  const lost = await writeLost(client, buyers);
  const differences = await client.auditDifferences();
  for (const answer of new Set(buyers.unexpected)) {
    process.stdout.write(`unexpected: ${answer}\n`);
  }
  const isWell = lost === 0 && buyers.unexpected.length === 0 && differences.length === 0;
  process.stdout.write(
    `${name} killed ${kills} times in ${loadSeconds} s of load by ${buyersOfEach * 2} buyers on 2 processes; ` +
      `${buyers.sentAgain} requests were sent again\n` +
      `longest time without any success: ${Math.round(Math.max(...gapsMs))} ms\n` +
      `audit ${differences.length === 0 ? 'clean' : JSON.stringify(differences)}\n${machineText()}\n`,
  );
  process.exitCode = isWell ? 0 : 1;
} finally {
  await Promise.all(checkouts.map((checkout) => checkout.stop()));
  await server.end();
}

/** @returns the longest times without any success, around each kill and between them */
async function killOverAndOver(killed: OwnServer, buyers: PersistentBuyers): Promise<readonly number[]> {
  const betweenMs = (seconds * 1000) / (kills + 1);
  const gapsMs: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    await pause(betweenMs);
    gapsMs.push(buyers.takeLongestGapMs());
    const killedMs = performance.now();
    await killed.kill();
    await pause(awaySeconds * 1000);
    await killed.restart();
    const downMs = Math.round(performance.now() - killedMs);
    await Promise.race([buyers.nextSuccess(), serviceStaysAway()]);
    const gapMs = buyers.takeLongestGapMs();
    gapsMs.push(gapMs);
    process.stderr.write(
      `kill ${kill} of ${kills}: database away for ${downMs} ms, no success for ${Math.round(gapMs)} ms; ` +
        `${countOf(buyers)} operations acknowledged so far\n`,
    );
  }
  await pause(betweenMs);
  return [...gapsMs, buyers.takeLongestGapMs()];
}

async function serviceStaysAway(): Promise<never> {
  await pause(serviceMs, null, { ref: false });
  throw new Error(`the database is back, and there was no success within ${serviceMs} ms`);
}

function countOf({ acknowledged }: PersistentBuyers): number {
  return Object.values(acknowledged).reduce((sum, { size }) => sum + size, 0);
}

/** Looks every acknowledged operation up in the operator's lists, and writes how many are there. */
async function writeLost(client: CheckoutClient, { acknowledged }: PersistentBuyers): Promise<number> {
  const holds = await client.items('/holds');
  const orders = await client.items('/orders');
  const events = await client.items('/payment-events');
  const paid = idsOf(orders.filter(({ status }) => status === 'paid'));
  const found: Readonly<Record<Operation, ReadonlySet<number>>> = {
    hold: new Set(holds.map(({ hold_id }) => hold_id)),
    order: idsOf(orders),
    payment: idsOf(events.filter(({ result, order_id }) => result === 'processed' && paid.has(order_id))),
  };
  const table = new Table({
    head: ['operation', 'acknowledged', 'found', 'lost'],
    style: { head: [], border: [] },
  });
  let lost = 0;
  for (const operation of ['hold', 'order', 'payment'] as const) {
    const ids = [...acknowledged[operation]];
    const missing = ids.filter((id) => !found[operation].has(id)).length;
    lost += missing;
    table.push([operation, ids.length, ids.length - missing, missing]);
  }
  process.stdout.write(`${table.toString()}\n`);
  return lost;
}

function idsOf(orders: readonly Pick<Body, 'order_id'>[]): ReadonlySet<number> {
  return new Set(orders.map(({ order_id }) => order_id));
}
