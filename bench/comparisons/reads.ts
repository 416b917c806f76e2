import { get } from '../load/post.ts';
import { type Cases, planText, ratioOf } from './case.ts';
import { sameServer } from './holds.ts';
import type { Stage } from './stage.ts';

const name = 'views of a product, SQLite, 100 connections';
const connections = 100;

/** `GET /products/{id}` beside the same server that has one snapshot and never looks whether it is out of date. */
export const readCases: Cases = (databases) =>
  databases.includes('sqlite') ? [{ name, sides: 2, preparationSeconds: 0, run: measure }] : [];

async function measure(stage: Stage) {
  const database = await stage.database('sqlite');
  const { client } = await stage.checkout(database);
  const noOp = await stage.noOp();
  const productId = await client.createProduct({ stock: 1000 });
  await client.hold(productId, 1000);
  const viewsOf = (url: string, id: number) => ({
    name: 'a product',
    load: (seconds: number) => get({ url: `${url}/api/v1/products/${id}`, connections, seconds }),
  });
  const turns = await stage.inTurn({ noOp: viewsOf(noOp.url, 1), views: viewsOf(client.url, productId) });
  await stage.audit(client);
  return [
    ratioOf({
      name,
      samples: turns.map((turn) => turn.views.perSecond / turn.noOp.perSecond),
      target: { atLeast: 0.9 },
      how: `GET /api/v1/products/{id} a second, with the cache as by default, ÷ those of ${sameServer} that shows the same product from a constant: ${planText(stage.plan, connections)}; ${database.text}`,
      sides: [
        { name: 'views', unit: '/s', samples: turns.map(({ views }) => views.perSecond) },
        { name: 'no-op', unit: '/s', samples: turns.map((turn) => turn.noOp.perSecond) },
      ],
    }),
  ];
}
