/*
 * A back office that is told of orders. It believes what the service has signed, and does everything once.
 *
 *   npx node examples/event-receiver.ts
 *   EVENT_WEBHOOK_URLS=http://127.0.0.1:9000/ EVENT_WEBHOOK_SECRETS=whsec_dGhpcyBpcyBvbmx5IGFuIGV4YW1wbGU= \
 *     EVENT_WEBHOOK_ALLOW_PRIVATE=true npm start
 *   npx node examples/buy.ts
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.EVENT_SECRET ?? 'whsec_dGhpcyBpcyBvbmx5IGFuIGV4YW1wbGU=');

type OrderEvent = {
  readonly type: string;
  readonly data: { readonly total: number; readonly currency: string };
};

/** A back office would keep these with what it did, in one transaction: after a crash an event may come again. */
const handled = new Set<string>();

const server = createServer(async (request, response) => {
  // Over the text as it came: parsed and written again it would be another text.
  const body = await text(request);
  const id = String(request.headers['webhook-id']);
  let event: OrderEvent;
  try {
    event = webhook.verify(body, request.headers as Record<string, string>) as OrderEvent;
  } catch {
    console.log('Not signed by the service: refused');
    response.writeHead(401).end();
    return;
  }
  if (!handled.has(id)) {
    handled.add(id);
    const { type, data } = event;
    console.log(type.startsWith('order.') ? `${type}: ${data.total} ${data.currency}` : type);
  }
  response.writeHead(204).end();
});
server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () => {
  console.log(`Listening on port ${(server.address() as AddressInfo).port}`);
});

/* Prints, when buy.ts buys:
Listening on port 9000
order.created: 2399.98 USD
order.paid: 2399.98 USD
*/
