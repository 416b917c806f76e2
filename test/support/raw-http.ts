import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Body, Reply } from './checkout-client.ts';

/**
 * A connection on which a test says byte by byte what it wants, and reads what comes until the server closes.
 */
export type RawConnection = {
  readonly socket: Socket;
  /** Resolves with the next bytes. */
  heard(): Promise<unknown>;
  /** All answers, once the server has closed the connection. */
  readonly replies: Promise<readonly Reply[]>;
};

/** Resolves once the connection stands. */
export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Uint8Array[] = [];
  socket.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const replies = new Promise<readonly Reply[]>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve(parseReplies(Buffer.concat(chunks).toString())));
  });
  await once(socket, 'connect');
  return { socket, heard: () => once(socket, 'data'), replies };
}

/** Whether a server takes new connections. */
export function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** A request as text. What is no text is sent as JSON. */
export function requestText(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): string {
  const payload = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: checkout'];
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`${name}: ${value}`);
  }
  if (payload !== '') {
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(payload)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${payload}`;
}

/** Sends text or bytes and reads the answers until the server closes, which it has to do by itself. */
export async function exchange(url: string, sent: string | Uint8Array): Promise<readonly Reply[]> {
  const { socket, replies } = await connectRaw(url);
  socket.write(sent);
  return replies;
}

/** Answers that stand one behind the other. Each has to say how long it is. */
function parseReplies(received: string): readonly Reply[] {
  const replies: Reply[] = [];
  let rest = received;
  while (rest !== '') {
    const [head = ''] = rest.split('\r\n\r\n', 1);
    const [statusLine = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers['content-length'] ?? 0);
    const content = rest.slice(head.length + 4, head.length + 4 + length);
    const isJson = headers['content-type']?.includes('json') === true && content !== '';
    replies.push({
      status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]),
      headers,
      body: (isJson ? JSON.parse(content) : {}) as Body,
      text: content,
    });
    rest = rest.slice(head.length + 4 + length);
  }
  return replies;
}
