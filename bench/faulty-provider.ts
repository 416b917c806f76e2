import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Table from 'cli-table3';
import { currencyDecimals, toDecimal } from '../src/domain/money.ts';
import { difference, type Sums, sumsOf } from '../test/support/money-accounts.ts';
import { type MoneyRun, runMoney } from '../test/support/money-run.ts';
import { createDatabase } from '../test/support/new-database.ts';
import { OwnServer } from '../test/support/own-server.ts';
import { providerMoney } from '../test/support/payment-accounts.ts';
import { paymentFates } from '../test/support/payment-fates.ts';
import type { ServerName } from '../test/support/servers.ts';
import { machineText } from './measure/machine.ts';
import { scratchFolder } from './measure/scratch-folder.ts';

/**
 * Where the money is after a sale against a provider with faults: payments late, told twice, told in the wrong order, made before the
 * order, of the wrong amount or currency, declined or cancelled; requests that fail, are cut or never answered; the provider away for
 * five seconds. Operators return payments and parts of them there, banks refuse refunds and open disputes, and some of the notifications
 * are lost or overtaken. Two processes serve, and each is killed with SIGKILL once.
 *
 * Usage: node bench/faulty-provider.ts [orders] [mariadb|mysql|postgres|sqlite]
 *
 * Ends with 1 when a cent or a unit is not where it belongs, or anything is left over.
 */
const names: Readonly<Record<string, ServerName | 'SQLite'>> = {
  mariadb: 'MariaDB',
  mysql: 'MySQL',
  postgres: 'PostgreSQL',
  sqlite: 'SQLite',
};
const orders = Number(process.argv[2] ?? 10_000);
const name = names[process.argv[3] ?? 'mariadb'];
/** Refunds that a killed process had begun to send wait for a minute. */
const patience = AbortSignal.timeout(180_000 + orders * 60);
if (name === undefined || !Number.isSafeInteger(orders) || orders < 100) {
  throw new Error(`expected 100 orders or more and a database, got ${process.argv.slice(2).join(' ')}`);
}

const folder = scratchFolder();
const ends: (() => Promise<void>)[] = [];
try {
  const startedMs = performance.now();
  const run = await runMoney({
    databaseUrl: await databaseUrl(name),
    orders,
    buyersAtATime: 100,
    processes: 2,
    paymentSeconds: 20,
    awayMs: 5_000,
    silentEvery: 10,
    atEnd: (end) => void ends.push(end),
    say: (text) => process.stderr.write(`${Math.round((performance.now() - startedMs) / 1000)} s: ${text}\n`),
    patience,
  });
  const wrong = run.accounts.checks.filter(({ expected, found }) => !isDeepStrictEqual(expected, found));
  process.stdout.write(
    `${tableOf(run)}\n${countsOf(run)}\n` +
      `${run.accounts.checks.map((check) => `${wrong.includes(check) ? 'WRONG' : 'ok   '} ${check.name}`).join('\n')}\n` +
      `${name}, ${Math.round((performance.now() - startedMs) / 1000)} s; ${machineText()}\n`,
  );
  for (const { name: check, expected, found } of wrong) {
    process.stdout.write(`${check}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}\n`);
  }
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  for (const end of ends.toReversed()) {
    await end();
  }
}

async function databaseUrl(kind: ServerName | 'SQLite'): Promise<string> {
  if (kind === 'SQLite') {
    return `sqlite:${join(folder, 'flash-sale.db')}`;
  }
  const server = await OwnServer.start(kind);
  ends.push(() => server.end());
  return (await createDatabase(kind, server.url)).url;
}

/** How many orders had which fate, what of their payments went back, and the sums of the money. */
function tableOf({ stripe, buyers, accounts }: MoneyRun): string {
  const { captured, kept, returned, lost, due } = accounts;
  const currencies = Object.keys(captured);
  const table = new Table({
    head: ['payment', 'orders', 'captured', 'returned', ...currencies],
    style: { head: [], border: [] },
  });
  const moneyOf = (sums: Sums) =>
    currencies.map((currency) =>
      toDecimal(sums[currency] ?? 0, currency).toFixed(currencyDecimals(currency)),
    );
  const charges = [...stripe.ledger.charges.values()];
  for (const fate of paymentFates) {
    const ofFate = charges.filter(({ payment_intent }) => buyers.fates.get(payment_intent) === fate);
    const begun = buyers.begun.filter((each) => each === fate).length;
    const back = ofFate.filter(({ amount_refunded }) => amount_refunded > 0).length;
    table.push([fate, begun, ofFate.length, back, ...moneyOf(sumsOf(ofFate, providerMoney))]);
  }
  const { refunds, disputes } = stripe.ledger;
  const sent = refunds.filter(({ status }) => status !== 'failed').length;
  const failed = refunds.length - sent;
  const ended = (status: string) => disputes.filter((dispute) => dispute.status === status).length;
  const left = [kept, returned, lost, due].reduce(difference, captured);
  table.push(
    ['captured', buyers.begun.length, charges.length, '', ...moneyOf(captured)],
    [`returned, ${failed} refunds failed`, '', '', sent, ...moneyOf(returned)],
    ['lost to disputes', '', ended('lost'), '', ...moneyOf(lost)],
    ['due, under a dispute', '', '', '', ...moneyOf(due)],
    ['kept for paid orders', '', '', '', ...moneyOf(kept)],
    ['difference', '', '', '', ...moneyOf(left)],
  );
  return table.toString();
}

function countsOf({ stripe, buyers }: MoneyRun): string {
  return (
    `${buyers.orderIds.length} orders; ${buyers.withoutOrder} holds were paid and never ordered; ` +
    `${buyers.unpayable} orders could not be paid; ${buyers.soldOut} holds found too few units\n` +
    `${buyers.sentAgain} requests were sent again; ${stripe.requests.length} requests to the provider, ` +
    `${stripe.deliveries.length} answers to its events, ${buyers.returned.lost} events lost\n` +
    `${buyers.returned.failedLater} refunds of the service failed after they had succeeded; ` +
    `${stripe.ledger.disputes.length} disputes\n`
  );
}
