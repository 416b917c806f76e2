import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DelayedLine } from '../../bench/load/delayed-line.ts';

const delayMs = 20;

/** A line to a server that sends back what it is sent, and a connection over it. */
async function echoed() {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line = await DelayedLine.to((server.address() as AddressInfo).port, delayMs);
  const socket = connect(line.port, '127.0.0.1').setEncoding('utf8');
  onTestFinished(async () => {
    await line.close();
    server.close();
  });
  await once(socket, 'connect');
  return { line, socket };
}

test('keeps back what goes in both directions', async () => {
  const { socket } = await echoed();
  const sentMs = performance.now();
  socket.write('hello');
  const [text] = await once(socket, 'data');
  expect(text).toBe('hello');
  // A timer may fire a fraction of a millisecond early.
  expect(performance.now() - sentMs).toBeGreaterThan(2 * delayMs - 2);
});

test('keeps the order of all that is sent', async () => {
  const { socket } = await echoed();
  const numbers = Array.from({ length: 500 }, (_, index) => `${index};`);
  for (const number of numbers) {
    socket.write(number);
  }
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
    if (received.endsWith('499;')) {
      socket.end();
    }
  });
  await once(socket, 'close');
  expect(received).toBe(numbers.join(''));
});

test('falls with all of its connections when it is closed', async () => {
  const { line, socket } = await echoed();
  const closed = once(socket, 'close');
  await line.close();
  await closed;
});
