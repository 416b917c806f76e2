import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { EventSender } from './event-sender.ts';

type Received = { readonly id: unknown; readonly body: string; readonly isSigned: boolean };

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) {
    await end();
  }
});

/** @returns the port */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}

/** A sender and a server that answers with these statuses in turn, the last one for ever. */
async function senderTo(...statuses: number[]) {
  const received: Received[] = [];
  const lost: string[] = [];
  const sender = new EventSender((reason) => lost.push(reason));
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString();
    received.push({
      id: request.headers['webhook-id'],
      body,
      isSigned: sender.verify(body, request.headers),
    });
    response.writeHead((statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200).end();
  });
  const port = await listen(server, 0);
  ends.push(
    () => sender.stop(),
    () => close(server),
  );
  return { sender, url: `http://127.0.0.1:${port}/webhook`, received, lost };
}

describe('an event', () => {
  it('is sent until it is taken, the same each time, with a signature of its own', async () => {
    const { sender, url, received } = await senderTo(503, 401, 302, 202);

    sender.send(url, 'evt_1', { idempotency_key: 'evt_1' });

    await until(() => received.length === 4);
    sender.send(url, 'evt_2', { idempotency_key: 'evt_2' });
    await until(() => received.length === 5);
    const first = { id: 'evt_1', body: '{"idempotency_key":"evt_1"}', isSigned: true };
    expect(received.slice(0, 4)).toEqual([first, first, first, first]);
    expect(received[4]).toEqual({ id: 'evt_2', body: '{"idempotency_key":"evt_2"}', isSigned: true });
  });

  it('is known to another process with the same key, before that has sent one itself, and to no other', async () => {
    const [secret, other] = ['whsec_c2lzdGVy', 'whsec_c3RyYW5nZXI='];
    const sister = new EventSender(() => {}, secret);
    const stranger = new EventSender(() => {}, other);
    const taken: string[] = [];
    const server = createServer((request, response) => {
      const known = {
        sister: sister.verify('{}', request.headers),
        stranger: stranger.verify('{}', request.headers),
      };
      taken.push(JSON.stringify(known));
      response.writeHead(known.sister ? 200 : 401).end();
    });
    const port = await listen(server, 0);
    const sending = new EventSender(() => {}, secret);
    ends.push(...[sister, stranger, sending].map((each) => () => each.stop()), () => close(server));

    sending.send(`http://127.0.0.1:${port}/`, 'evt_1', {});

    await until(() => taken.at(-1) === '{"sister":true,"stranger":false}');
  });

  it('is sent again when the connection falls, and when nobody listens', async () => {
    const { sender } = await senderTo(200);
    let dropped = 0;
    const deaf = createServer((request) => {
      dropped += 1;
      request.socket.destroy();
    });
    const port = await listen(deaf, 0);

    sender.send(`http://127.0.0.1:${port}/webhook`, 'evt_1', {});
    await until(() => dropped >= 2);
    await close(deaf);
    const ids: unknown[] = [];
    const back = createServer((request, response) => {
      ids.push(request.headers['webhook-id']);
      response.writeHead(200).end();
    });
    await listen(back, port);
    ends.push(() => close(back));

    await until(() => ids.length === 1);
    expect(ids).toEqual(['evt_1']);
  });

  it('of another process is not taken for one of this', async () => {
    const [one, other] = [await senderTo(200), await senderTo(200)];
    one.sender.send(other.url, 'evt_1', {});
    other.sender.send(other.url, 'evt_2', {});
    await until(() => other.received.length === 2);
    expect(other.received.find(({ id }) => id === 'evt_1')?.isSigned).toBe(false);
  });

  it('that is on its way when the sender stops is left', async () => {
    const { sender, url, received, lost } = await senderTo(503);
    sender.send(url, 'evt_1', {});
    await until(() => received.length >= 1);

    await sender.stop();
    const before = received.length;
    sender.send(url, 'evt_2', {});

    expect([received.length, lost]).toEqual([before, []]);
  });
});
