import { join } from 'node:path';
import { loadProgram, post } from './load/post.ts';
import { compare, comparisonText } from './measure/compare.ts';
import { machineText } from './measure/machine.ts';
import { serverVariables, startCheckout } from './measure/measured-checkout.ts';
import { startNode } from './measure/node-process.ts';
import { scratchFolder } from './measure/scratch-folder.ts';

/**
 * How close holds on one hot product come to the same server that does nothing.
 *
 * Usage: node bench/holds-vs-no-op.ts [connections] [rounds] [seconds per load]
 */
const [connections = 128, rounds = 5, seconds = 4] = process.argv.slice(2).map(Number);
const folder = scratchFolder();
const checkout = await startCheckout(`sqlite:${join(folder, 'flash-sale.db')}`, folder);
const noOp = await startNode('bench/servers/no-op-server.ts', [], serverVariables(join(folder, 'no-op.log')));
try {
  const productId = await checkout.client.createProduct({ stock: 1_000_000_000 });
  const body = JSON.stringify({ product_id: productId, qty: 1 });
  const side = (name: string, url: string) => ({
    name,
    load: (forSeconds: number) =>
      post({ url: `${url}/api/v1/holds`, body, connections, seconds: forSeconds }),
  });
  process.stderr.write(
    `warming up, then ${rounds} rounds of ${seconds} s each way, ${connections} connections, ${loadProgram}\n`,
  );
  const comparison = await compare(side('holds', checkout.client.url), side('no-op', noOp.url), {
    rounds,
    seconds,
    warmUpSeconds: 2,
  });
  const differences = await checkout.client.auditDifferences();
  process.stdout.write(
    `${comparisonText('holds', 'no-op', comparison)}audit ${differences.length === 0 ? 'clean' : 'NOT clean'}, ${machineText()}, load by ${loadProgram}\n`,
  );
  process.exitCode = differences.length === 0 ? 0 : 1;
} finally {
  await Promise.all([checkout.stop(), noOp.stop()]);
}
