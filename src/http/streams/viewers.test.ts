import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { eventBytes } from './event-text.ts';
import { Viewers } from './viewers.ts';

/** Viewers behind a real server; whoever connects becomes one. */
async function served(max = 10, perAddressMax = 0) {
  const left = { count: 0 };
  const viewers = new Viewers({ max, perAddressMax }, () => {
    left.count += 1;
  });
  const server = createServer((_request, response) => {
    response.writeHead(200, { connection: 'close' });
    viewers.add(response, '127.0.0.1', Buffer.from('first\n\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const view = async (): Promise<{ readonly socket: Socket; readonly heard: () => string }> => {
    const size = viewers.size;
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    await until(() => viewers.size > size);
    return { socket, heard: () => text };
  };
  return { viewers, view, left, port };
}

it('a viewer who does not read is let go, and holds up nobody', async () => {
  const { viewers, view } = await served();
  const reader = await view();
  const sleeper = await view();
  sleeper.socket.pause();
  const bytes = eventBytes('products', 'x'.repeat(32 * 1024));
  const heard = () => reader.heard().split('event: products').length - 1;
  // What the system keeps for a connection is full at some point; from there on it waits in this process.
  let sent = 0;
  while (viewers.size > 1) {
    await viewers.send(bytes);
    sent += 1;
    await until(() => heard() === sent);
  }
  expect(sent).toBeGreaterThan(2);
});

it('the place of an address is free however its stream ends', async () => {
  const { viewers, view } = await served(10, 1);
  const isFull = () => viewers.isFullFor('127.0.0.1');
  (await view()).socket.destroy();
  await until(() => viewers.size === 0);
  expect(isFull()).toBe(false);

  const sleeper = await view();
  expect([isFull(), viewers.isFullFor('127.0.0.2')]).toEqual([true, false]);
  sleeper.socket.pause();
  while (viewers.size > 0) {
    await viewers.send(eventBytes('products', 'x'.repeat(64 * 1024)));
    await nextTurn();
  }
  expect(isFull()).toBe(false);

  await view();
  expect(isFull()).toBe(true);
  viewers.close();
  await until(() => viewers.size === 0);
  expect(isFull()).toBe(false);
});

it('a stream that is gone before it begins leaves its place once', async () => {
  const { viewers, view } = await served(10, 2);
  await view();
  const gone = new ServerResponse(new IncomingMessage(new Socket()));
  gone.destroy();
  viewers.add(gone, '127.0.0.1', Buffer.from(''));
  await once(gone, 'close').catch(() => undefined);
  await view();
  expect([viewers.size, viewers.isFullFor('127.0.0.1')]).toEqual([2, true]);
});

it('messages reach everybody in their order, also those who come in between', async () => {
  const { viewers, view } = await served(500);
  const before = [await view(), await view(), await view()];
  const sending = [1, 2, 3].map((number) => viewers.send(eventBytes('number', number)));
  const after = await view();
  await Promise.all(sending);
  await viewers.send(eventBytes('number', 4));
  const numbersOf = (text: string) => [...text.matchAll(/data: (\d)/g)].map(([, number]) => Number(number));
  for (const viewer of before) {
    await until(() => numbersOf(viewer.heard()).length === 4);
    expect(numbersOf(viewer.heard())).toEqual([1, 2, 3, 4]);
  }
  await until(() => numbersOf(after.heard()).includes(4));
  expect(numbersOf(after.heard())).toEqual([4]);
});

it('tell when the last one has left, once', async () => {
  const { view, left } = await served();
  const [one, other] = [await view(), await view()];
  one.socket.destroy();
  other.socket.destroy();
  await until(() => left.count > 0);
  expect(left.count).toBe(1);
});

it('are ended when the server closes, those who come later too', async () => {
  const { viewers, view, port } = await served();
  const viewer = await view();
  const ended = once(viewer.socket, 'end');
  viewers.close();
  await ended;
  await until(() => viewers.size === 0);
  const late = connect(port, '127.0.0.1');
  late.resume().write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await once(late, 'close');
});
