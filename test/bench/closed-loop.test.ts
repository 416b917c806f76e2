import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { closedLoop } from '../../bench/load/closed-loop.ts';
import { holdBody, plentyOfStock } from '../../bench/load/holds.ts';
import { databaseForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { embeddedAndServer } from '../support/databases.ts';
import { listenForTest } from '../support/local-server.ts';
import { testEach } from '../support/needing.ts';

const connections = 64;

testEach(embeddedAndServer)('counts as many holds as $name stores', async (kind) => {
  const database = await databaseForTest(kind);
  const checkout = await startProcess({ databaseUrl: database.url });
  const productId = await checkout.createProduct({ stock: plentyOfStock });
  const url = `${checkout.url}/api/v1/holds`;

  const load = { url, connections, seconds: 1 };
  const { answered, failed } = await closedLoop(load, { body: () => holdBody(productId) }, 'success');

  const stored = (await database.store.product(productId))?.heldStock;
  expect({ answered, failed }).toEqual({ answered: stored, failed: 0 });
});

test('counts every answer of a server that closes connections', async () => {
  let answers = 0;
  const server = createServer((_, response) => {
    answers += 1;
    const closing = answers % 7 === 0 ? { connection: 'close' } : {};
    response.writeHead(200, { 'content-length': 2, ...closing }).end('{}');
  });
  const url = await listenForTest(server);
  const { answered, failed } = await closedLoop({ url, connections, seconds: 1 }, {}, 'success');
  expect({ answered, failed }).toEqual({ answered: answers, failed: 0 });
});
