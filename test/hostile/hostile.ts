import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Table from 'cli-table3';
import { Option } from 'commander';
import { checkoutProgram } from '../../bench/measure/checkout-program.ts';
import { machineText } from '../../bench/measure/machine.ts';
import { startCheckout } from '../../bench/measure/measured-checkout.ts';
import { memoryMb } from '../../bench/measure/process-memory.ts';
import { wholeNumber } from '../../src/cli/flag-values.ts';
import { keepFigures } from '../proof/kept-figures.ts';
import { Metrics } from '../support/metrics.ts';
import { count } from '../support/terminal.ts';
import { HostileCrowd, hostileVariables } from './hostile-crowd.ts';

/**
 * Sends requests that nobody should send to every route of a service that runs in a process of its own, and looks at each answer and at
 * what the process has become. Ends with 1 at the first answer that is not as the API description says, when something was logged as
 * a failure, or when the audit differs.
 */
const parts = 10;
/** What was thrown away is tidied up by then. */
const idleMs = 3_000;
const { requests, seed, database, write } = checkoutProgram(
  'hostile',
  'send requests that nobody should send',
)
  .option('--requests <number>', 'how many', wholeNumber(parts), 100_000)
  .addOption(
    new Option('--seed <number>', 'what they are made of')
      .argParser(wholeNumber(0))
      .default(Date.now() % 2 ** 31, 'by chance'),
  )
  .option('--database <url>', 'the one that the service has; without it an SQLite file')
  .option('--write', 'keep the figures for the table of the README')
  .parse()
  .opts<{
    readonly requests: number;
    readonly seed: number;
    readonly database?: string;
    readonly write?: true;
  }>();

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
const databaseUrl = database ?? `sqlite:${join(folder, 'flash-sale.db')}`;
const checkout = await startCheckout(databaseUrl, folder, hostileVariables);
const crowd = await HostileCrowd.at(checkout.client);
const rows: string[][] = [];
let fault: string | null = null;
try {
  for (let part = 1; part <= parts && fault === null; part += 1) {
    fault = await crowd.send(Math.ceil(requests / parts), seed + part - 1);
    crowd.hangUp();
    await pause(idleMs);
    rows.push([count(crowd.requests), ...(await processFigures())]);
    process.stderr.write(`${rows.at(-1)?.join('  ')}\n`);
  }
  const differences = await checkout.client.auditDifferences();
  const failures = readFileSync(checkout.logFile, 'utf8').match(/"level":"(error|fatal)"/g) ?? [];
  process.stdout.write(`${growthTable()}\n${answersTable()}\n${machineText()}\n`);
  process.stdout.write(
    `seed ${seed}; the audit ${differences.length === 0 ? 'is clean' : JSON.stringify(differences)}; ${failures.length} failures in the log\n`,
  );
  process.stdout.write(fault === null ? 'Each answer was as it is described.\n' : `${fault}\n`);
  const broken = (fault === null ? 0 : 1) + differences.length + failures.length;
  process.exitCode = broken === 0 ? 0 : 1;
  if (write) {
    const answers = [...crowd.answers];
    const serverErrors = answers.filter(([status]) => status >= 500 && status !== 503);
    // Without its address, which tells only of this machine.
    const on = database === undefined ? '' : ` --database ${new URL(database).protocol}…`;
    keepFigures('hostile', `npm run hostile -- --requests ${requests} --seed ${seed}${on}`, {
      ...{ requests: crowd.requests, answers: sumOf(answers), serverErrors: sumOf(serverErrors), broken },
    });
  }
} finally {
  await checkout.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** What the process holds while nobody asks for anything. */
async function processFigures(): Promise<string[]> {
  const metrics = new Metrics((await checkout.client.get('/metrics')).text);
  const mb = (name: string) => ((metrics.find(name) ?? 0) / 2 ** 20).toFixed(0);
  return [
    memoryMb(checkout.pid).nowMb.toFixed(0),
    mb('nodejs_heap_size_used_bytes'),
    mb('nodejs_external_memory_bytes'),
    String(metrics.find('process_open_fds')),
    String(metrics.samples.length),
  ];
}

function growthTable(): string {
  const table = new Table({
    head: [
      'after requests',
      'resident MB',
      'heap used MB',
      'outside of it MB',
      'open files',
      'lines of /metrics',
    ],
    colAligns: Array.from({ length: 6 }, () => 'right' as const),
    style: { head: [], border: [] },
  });
  table.push(...rows);
  return table.toString();
}

function answersTable(): string {
  const table = new Table({ colAligns: ['left', 'right'], style: { head: [], border: [] } });
  const answered = [...crowd.answers].toSorted(([a], [b]) => a - b);
  table.push(
    ...answered.map(([status, times]): [string, string] => [String(status), count(times)]),
    ['all', count(sumOf(answered))],
    ['kinds of answers (operation, status, code)', count(crowd.exercised.size)],
  );
  return table.toString();
}

function sumOf(answers: readonly (readonly [status: number, times: number])[]): number {
  return answers.reduce((sum, [, times]) => sum + times, 0);
}
