import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createCheckoutClient } from '../../src/client/checkout-client.ts';
import { type AdminStream, followSale } from '../../web/console/admin-stream.ts';
import { aSecond } from '../../web/console/sale-samples.ts';
import { listenForTest } from '../support/local-server.ts';
import { until } from '../support/until.ts';

/** One connection of the page, as the server sees it. */
type Watcher = {
  readonly lastEventId: string | undefined;
  readonly authorization: string | undefined;
  readonly response: ServerResponse;
};

/** Says all that the server in these tests says: one second, by its number. */
function tell({ response }: Watcher, nth: number): void {
  const data = JSON.stringify({ processes: 1, seconds: [aSecond(nth)] });
  response.write(`id: ${nth}\nevent: seconds\ndata: ${data}\n\n`);
}

/**
 * A server of one stream, and somebody who follows it.
 *
 * @param answer what a request is answered with; a stream unless it says otherwise
 */
async function following(
  timing: { readonly staleMs: number; readonly deadMs: number },
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
) {
  const watchers: Watcher[] = [];
  const heard: string[] = [];
  const server = createServer((request, response) => {
    if (answer(request, response)) {
      return;
    }
    // The client waits this long before it connects again, more or less.
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 10\n\n');
    const { authorization } = request.headers;
    watchers.push({ lastEventId: request.headers['last-event-id']?.toString(), authorization, response });
  });
  const baseUrl = await listenForTest(server);
  const stream: AdminStream = followSale(
    createCheckoutClient({ baseUrl, adminToken: 'token' }),
    {
      message: ({ event, data }) => {
        heard.push(event === 'seconds' ? `second ${data.seconds[0]?.at.slice(-7, -5)}` : event);
      },
      lost: () => void (heard.at(-1) === 'lost' || heard.push('lost')),
      refused: (error) => heard.push(`refused: ${error.code}`),
    },
    timing,
  );
  onTestFinished(stream.stop);
  const watcher = (nth: number) => until(() => watchers[nth]);
  const hears = (...all: readonly string[]) => until(() => heard.join() === all.join());
  return { heard, watchers, watcher, hears, stream };
}

const patient = { staleMs: 60_000, deadMs: 60_000 };

test('what the stream says is passed on, and asked for with the token', async () => {
  const { watcher, hears } = await following(patient);
  const first = await watcher(0);
  tell(first, 1);
  tell(first, 2);
  await hears('second 01', 'second 02');
  expect(first.authorization).toBe('Bearer token');
});

test('a connection that breaks is made again where it broke, so that no second is missing', async () => {
  const { watcher, hears } = await following(patient);
  const first = await watcher(0);
  tell(first, 1);
  tell(first, 2);
  await hears('second 01', 'second 02');
  first.response.destroy();
  const second = await watcher(1);
  expect(second.lastEventId).toBe('2');
  tell(second, 3);
  await hears('second 01', 'second 02', 'second 03');
});

test('figures are said to be old when nothing has come for a while', async () => {
  const { watcher, hears } = await following({ staleMs: 50, deadMs: 60_000 });
  const first = await watcher(0);
  tell(first, 1);
  await hears('second 01', 'lost');
  tell(first, 2);
  await hears('second 01', 'lost', 'second 02', 'lost');
});

test('a connection that stands and says nothing is left for a new one', async () => {
  const { watcher, watchers, hears } = await following({ staleMs: 50, deadMs: 100 });
  tell(await watcher(0), 1);
  tell(await watcher(1), 2);
  await hears('second 01', 'lost', 'second 02', 'lost');
  expect(watchers[0]?.response.closed).toBe(true);
});

test('a lost stream can be asked for at once', async () => {
  let isDown = true;
  const { watcher, hears, stream } = await following(patient, (_request, response) => {
    if (isDown) {
      response.writeHead(502).end();
    }
    return isDown;
  });
  await hears('lost');
  isDown = false;
  stream.connectNow();
  tell(await watcher(0), 1);
  await hears('lost', 'second 01');
});

test('a token that is refused ends it', async () => {
  let requests = 0;
  const { hears } = await following(patient, (_request, response) => {
    requests += 1;
    response
      .writeHead(401, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ code: 'unauthorized', status: 401, detail: 'no', request_id: 'r1' }));
    return true;
  });
  await hears('refused: unauthorized');
  expect(requests).toBe(1);
});
