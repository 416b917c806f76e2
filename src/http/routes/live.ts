import type { ApiServer } from '../api-server.ts';
import { streamAnswer, watchHeaders } from '../schemas/live.ts';
import type { ServerDeps } from '../server-deps.ts';
import { consoleStream } from '../streams/console-stream.ts';
import { openStream } from '../streams/open-stream.ts';
import { productStream } from '../streams/product-stream.ts';
import type { ViewersMax } from '../streams/viewers.ts';

/** What buyers see while they look. Ends when the server closes. */
export function addProductStreamRoute(app: ApiServer, { live, reader, config, counts }: ServerDeps): void {
  const stream = productStream(live.products, reader.nowMs, viewersMaxOf(config));
  app.addHook('preClose', (done) => {
    stream.viewers.close();
    done();
  });
  app.get(
    '/products/live',
    {
      config: { errors: ['rate_limited', 'overloaded'] },
      schema: {
        operationId: 'watchProducts',
        summary: 'All products, and then each change of one',
        tags: ['products'],
        response: {
          200: streamAnswer(
            'Events `products` with `{"now", "products": […]}`, each product as it is answered alone: at first all, then those that changed. A comment each 15 s.',
          ),
        },
      },
    },
    (request, reply) => openStream(stream, request, reply, counts),
  );
}

/** What operators see of a running sale. */
export function addSaleStreamRoute(app: ApiServer, { live, reader, config, counts }: ServerDeps): void {
  const stream = consoleStream(live, reader.nowMs, viewersMaxOf(config));
  app.addHook('preClose', (done) => {
    stream.viewers.close();
    done();
  });
  app.get(
    '/live',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'overloaded'] },
      schema: {
        operationId: 'watchSale',
        summary: 'The sale, second by second, and what to look after',
        tags: ['admin'],
        security: [{ adminToken: [] }],
        headers: watchHeaders,
        response: {
          200: streamAnswer(
            'Events `products`, `seconds` (with an `id`, the last five minutes at first), `attention` and `audit`. A comment each 15 s.',
          ),
        },
      },
    },
    (request, reply) =>
      openStream(stream.since(secondOf(request.headers['last-event-id'])), request, reply, counts),
  );
}

function viewersMaxOf({ liveViewersMax, liveViewersPerAddressMax }: ServerDeps['config']): ViewersMax {
  return { max: liveViewersMax, perAddressMax: liveViewersPerAddressMax };
}

/** The second in the id of an event, or null when it is none of ours: then all are told. */
function secondOf(id: string | undefined): number | null {
  return id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
