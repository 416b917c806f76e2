import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * A slow link to a server of this machine: what goes in one direction comes out so much later, in the same order. The server and whoever
 * talks to it are real.
 */
export class DelayedLine {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number, toPort: number, delayMs: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (near) => {
      const far = dial({ port: toPort, host: '127.0.0.1', noDelay: true });
      near.setNoDelay(true);
      this.#passOn(near, far, delayMs);
      this.#passOn(far, near, delayMs);
    });
  }

  /** @param delayMs in each direction, so a round trip takes twice as long */
  static async to(toPort: number, delayMs: number): Promise<DelayedLine> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new DelayedLine(server, (server.address() as AddressInfo).port, toPort, delayMs);
  }

  /** Connections fall. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await closed;
  }

  #passOn(from: Socket, to: Socket, delayMs: number): void {
    this.#sockets.add(from);
    // All wait equally long, so timers keep the order.
    from.on('data', (chunk: Buffer) => void setTimeout(() => to.writable && to.write(chunk), delayMs));
    from.on('end', () => void setTimeout(() => to.end(), delayMs));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      setTimeout(() => to.destroy(), delayMs);
    });
  }
}
