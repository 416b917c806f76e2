import { mkdtempSync, rmSync } from 'node:fs';
import { arch, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { loadProgram, post } from './load.ts';
import { startNode } from './node-process.ts';

/**
 * How close holds on one hot product come to the same server that does nothing. Both servers run side by side
 * and are loaded in turn, A B A B, because a machine's speed drifts; what is quoted is the median of the
 * rounds' ratios.
 *
 * Usage: node bench/holds-vs-no-op.ts [connections] [rounds] [seconds per load]
 */
const [connections = 128, rounds = 5, seconds = 4] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const adminToken = 'bench';
const common = { PORT: '0', NODE_ENV: 'development', LOG_LEVEL: 'info', ADMIN_TOKEN: adminToken };

const checkout = await startNode('src/main.ts', ['serve'], {
  ...common,
  DATABASE_URL: `sqlite:${join(folder, 'flash-sale.db')}`,
  LOG_FILE: join(folder, 'checkout.log'),
});
const noOp = await startNode('bench/no-op-server.ts', [], { ...common, LOG_FILE: join(folder, 'no-op.log') });
try {
  const response = await fetch(`${checkout.url}/api/v1/admin/products`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}` },
    body: JSON.stringify({ name: 'hot', price: 1, currency: 'USD', stock: 1_000_000_000 }),
  });
  const { id } = (await response.json()) as { id: number };
  const body = JSON.stringify({ product_id: id, qty: 1 });
  const load = (url: string, forSeconds: number) =>
    post({ url: `${url}/api/v1/holds`, body, connections, seconds: forSeconds });

  process.stderr.write(
    `warming up, then ${rounds} rounds of ${seconds} s each way, ${connections} connections, ${loadProgram}\n`,
  );
  await load(noOp.url, 2);
  await load(checkout.url, 2);
  const table = new Table({
    head: ['round', 'no-op/s', 'holds/s', 'ratio', 'no-op p99 ms', 'holds p99 ms'],
    // No colours: the table is also read from files.
    style: { head: [], border: [] },
  });
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const nothing = await load(noOp.url, seconds);
    const holds = await load(checkout.url, seconds);
    if (nothing.failed + holds.failed > 0) {
      throw new Error(`${nothing.failed + holds.failed} requests were not answered with 201`);
    }
    const ratio = holds.perSecond / nothing.perSecond;
    ratios.push(ratio);
    table.push([
      round,
      Math.round(nothing.perSecond),
      Math.round(holds.perSecond),
      ratio.toFixed(2),
      nothing.p99Ms.toFixed(1),
      holds.p99Ms.toFixed(1),
    ]);
  }
  ratios.sort((a, b) => a - b);
  const audit = await fetch(`${checkout.url}/api/v1/admin/audit`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const { ok } = (await audit.json()) as { ok: boolean };
  process.stdout.write(
    `${table.toString()}\nmedian ratio ${(ratios[Math.floor(ratios.length / 2)] ?? 0).toFixed(2)}, audit ${ok ? 'clean' : 'NOT clean'}, ` +
      `Node ${process.version}, ${cpus().length} cores ${arch()}\n`,
  );
  process.exitCode = ok ? 0 : 1;
} finally {
  await Promise.all([checkout.stop(), noOp.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
