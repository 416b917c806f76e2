import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { adminToken } from '../../test/support/checkout-client.ts';

/** What the process of the surroundings is told, and what it tells. */
export type ToSurroundings =
  | { readonly kind: 'watch'; readonly url: string; readonly shops: number; readonly consoles: number }
  | { readonly kind: 'count' };
export type FromSurroundings =
  | { readonly kind: 'listening'; readonly eventsUrl: string }
  | { readonly kind: 'watching' }
  | {
      readonly kind: 'counted';
      readonly delivered: number;
      readonly heardBytes: number;
      readonly left: number;
    };

/** An endpoint that takes every event, and viewers who read all that they are sent. */
let delivered = 0;
let heardBytes = 0;
/** Streams that ended although nobody has left. */
let left = 0;

const tell = (message: FromSurroundings): void => void process.send?.(message);

function watch(url: URL, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', reject);
    socket.on('data', (piece: Buffer) => {
      heardBytes += piece.length;
      resolve();
    });
    socket.on('close', () => {
      left += 1;
    });
    socket.write(
      `GET /api/v1${path} HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${adminToken}\r\n\r\n`,
    );
  });
}

const endpoint = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    delivered += 1;
    response.writeHead(204).end();
  });
});
endpoint.listen(0, '127.0.0.1', () =>
  tell({
    kind: 'listening',
    eventsUrl: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/events`,
  }),
);

process.on('message', async (message: ToSurroundings) => {
  if (message.kind === 'count') {
    tell({ kind: 'counted', delivered, heardBytes, left });
    return;
  }
  const url = new URL(message.url);
  await Promise.all([
    ...Array.from({ length: message.shops }, () => watch(url, '/products/live')),
    ...Array.from({ length: message.consoles }, () => watch(url, '/admin/live')),
  ]);
  tell({ kind: 'watching' });
});
process.on('disconnect', () => process.exit(0));
