import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { postInVain } from '../load/post.ts';
import type { Side } from '../measure/compare.ts';
import type { LoadResult } from '../measure/load-result.ts';
import { type Cases, planText, ratioOf } from './case.ts';
import { sameServer } from './holds.ts';
import type { Stage } from './stage.ts';

const name = 'sold-out refusals, SQLite, 100 connections';
const connections = 100;

/**
 * Refusals of a product whose units are all held. The server that does nothing refuses with the same problem: the same fields, made into
 * text in the same way. Neither writes a log line.
 */
export const refusalCases: Cases = (databases) =>
  databases.includes('sqlite') ? [{ name, sides: 2, preparationSeconds: 0, run: measure }] : [];

async function measure(stage: Stage) {
  const database = await stage.database('sqlite');
  const { client } = await stage.checkout(database);
  const noOp = await stage.noOp({ SOLD_OUT: 'true' });
  const productId = await client.createProduct({ stock: 1000 });
  await client.hold(productId, 1000);
  const turns = await stage.inTurn({
    noOp: refusalsOf(noOp.url, 1),
    refusals: {
      name: 'refusals',
      load: async (seconds) => {
        const before = await soldOutAnswers(client);
        const result = await refusalsOf(client.url, productId).load(seconds);
        const counted = (await soldOutAnswers(client)) - before;
        if (counted < result.answered) {
          throw new Error(`${result.answered} were answered 409, ${counted} of them because it was sold out`);
        }
        return result;
      },
    },
  });
  await stage.audit(client);
  return [
    ratioOf({
      name,
      samples: turns.map((turn) => turn.refusals.perSecond / turn.noOp.perSecond),
      target: { atLeast: 0.9 },
      how: `Answers 409 insufficient_stock a second, while buyers hold all units, ÷ those of ${sameServer} that refuses at once with the same problem, neither with a log line: ${planText(stage.plan, connections)}; ${database.text}`,
      sides: [
        { name: 'refusals', unit: '/s', samples: turns.map(({ refusals }) => refusals.perSecond) },
        { name: 'no-op', unit: '/s', samples: turns.map((turn) => turn.noOp.perSecond) },
      ],
    }),
  ];
}

function refusalsOf(url: string, productId: number): Side<LoadResult> {
  const body = JSON.stringify({ product_id: productId, qty: 1 });
  return {
    name: 'what is sold out',
    load: (seconds) => postInVain({ url: `${url}/api/v1/holds`, body, connections, seconds }),
  };
}

/** How often the service has answered so, by its own count. */
async function soldOutAnswers(client: CheckoutClient): Promise<number> {
  const { text } = await client.get('/metrics');
  return Number(/^flash_sale_http_problems_total\{code="insufficient_stock"\} (\d+)/m.exec(text)?.[1] ?? 0);
}
