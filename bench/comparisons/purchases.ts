import { randomBytes } from 'node:crypto';
import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { plentyOfStock } from '../load/holds.ts';
import { buy, type PurchaseResult } from '../load/purchases.ts';
import type { Side } from '../measure/compare.ts';
import type { LoadResult } from '../measure/load-result.ts';
import { type Cases, loadText, planText, ratioOf } from './case.ts';
import { holdsWithoutEffect, sameServer } from './holds.ts';
import { counted, type Stage } from './stage.ts';

const name = 'whole purchases × 3, SQLite, 100 connections';
const connections = 100;
const requestsOfPurchase = 3;

/** Hold, order and signed payment beside the same server that does nothing. Each purchase is three requests, so it counts three times. */
export const purchaseCases: Cases = (databases) =>
  databases.includes('sqlite') ? [{ name, sides: 2, preparationSeconds: 0, run: measure }] : [];

async function measure(stage: Stage) {
  const database = await stage.database('sqlite');
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  // Payments come from a provider that signs them; the one that is simulated would be asked about each order besides.
  const { client } = await stage.checkout(database, {
    WEBHOOK_SECRETS: secret,
    SIMULATED_PAYMENTS: 'false',
  });
  const noOp = await stage.noOp();
  const productId = await client.createProduct({ stock: plentyOfStock });
  const purchases = purchasesOf(client, productId, secret);
  const turns = await stage.inTurn<'noOp' | 'purchases', LoadResult>({
    noOp: holdsWithoutEffect(noOp.url, connections),
    purchases,
  });
  await stage.audit(client);
  const by = purchases.by() === 'wrk' ? loadText : `${loadText}, purchases by a small program on Node`;
  return [
    ratioOf({
      name,
      samples: turns.map((turn) => (requestsOfPurchase * turn.purchases.perSecond) / turn.noOp.perSecond),
      target: { atLeast: 0.6 },
      how: `Purchases a second, each a hold, an order and a payment by a signed webhook, × 3 ÷ the holds of ${sameServer} that does nothing but write the log line: ${planText(stage.plan, connections, by)}; ${database.text}`,
      sides: [
        { name: 'purchases', unit: '/s', samples: turns.map((turn) => turn.purchases.perSecond) },
        { name: 'no-op', unit: '/s', samples: turns.map((turn) => turn.noOp.perSecond) },
      ],
    }),
  ];
}

/** Each purchase that was answered has taken its unit from the stock. */
function purchasesOf(
  client: CheckoutClient,
  productId: number,
  secret: string,
): Side<PurchaseResult> & { readonly by: () => PurchaseResult['by'] } {
  let by: PurchaseResult['by'] = 'wrk';
  return {
    name: 'purchases',
    by: () => by,
    load: async (seconds) => {
      const result = await counted(
        () => buy({ url: client.url, productId, secret, connections, seconds }),
        async () => plentyOfStock - (await client.product(productId)).body.stock,
        connections,
      );
      by = result.by;
      return result;
    },
  };
}
