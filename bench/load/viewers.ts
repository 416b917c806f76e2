import { connect, type Socket } from 'node:net';

/**
 * Viewers of the shop, as plain sockets in a process of their own: `node bench/load/viewers.ts <url>` with a channel to the process that
 * started it. Told `{ open: n }` it makes that as many as there are, and answers when all have their first message. Told
 * `{ price }` it notes when each viewer first hears of that price, and answers with the instants when all have.
 */
export type ToViewers = { readonly open: number } | { readonly price: string };
export type FromViewers = { readonly opened: number } | { readonly heardAtMs: readonly number[] };

if (import.meta.main) {
  const url = new URL(process.argv[2] ?? '');
  const sockets: Socket[] = [];
  /** What is looked for: the text of a price, and those who have not heard of it. */
  let looking: { text: string; waiting: Set<Socket>; heardAtMs: number[] } | null = null;

  const tell = (message: FromViewers): void => void process.send?.(message);
  const hear = (socket: Socket, piece: Buffer): void => {
    if (looking?.waiting.has(socket) && piece.includes(looking.text)) {
      looking.waiting.delete(socket);
      looking.heardAtMs.push(Date.now());
      if (looking.waiting.size === 0) {
        tell({ heardAtMs: looking.heardAtMs });
        looking = null;
      }
    }
  };
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname);
      sockets.push(socket);
      socket.on('error', reject);
      socket.on('data', (piece: Buffer) => {
        if (piece.includes('event: products')) {
          resolve();
        }
        hear(socket, piece);
      });
      socket.write(`GET /api/v1/products/live HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
    });

  process.on('message', async (message: ToViewers) => {
    if ('price' in message) {
      looking = { text: `"price":${message.price},`, waiting: new Set(sockets), heardAtMs: [] };
      return;
    }
    for (const socket of sockets.splice(message.open)) {
      socket.destroy();
    }
    while (sockets.length < message.open) {
      // Not more at a time than wait for being accepted.
      await Promise.all(Array.from({ length: Math.min(100, message.open - sockets.length) }, open));
    }
    tell({ opened: sockets.length });
  });
  process.on('disconnect', () => process.exit(0));
}
