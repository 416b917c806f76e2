import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { freePort } from './servers.ts';

/** A host that leads to a server, or does not: as another host of the same cluster. It can be off, on, and silent. */
export class SwitchedHost {
  readonly port: number;
  /** How many connections came so far. */
  connections = 0;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  static async to(target: number): Promise<SwitchedHost> {
    return new SwitchedHost(await freePort(), target);
  }

  /** @param how `silent`: connections are taken, and nothing is answered */
  async on(how: 'answering' | 'silent'): Promise<void> {
    const server = createServer((socket) => {
      this.connections += 1;
      const sockets = how === 'answering' ? [socket, dial(this.#target, '127.0.0.1')] : [socket];
      for (const one of sockets) {
        this.#sockets.add(one);
        one.on('error', () => {}); // the other end was cut
        one.on('close', () => {
          for (const other of sockets) {
            this.#sockets.delete(other);
            other.destroy();
          }
        });
      }
      const [here, there] = sockets;
      if (here !== undefined && there !== undefined) {
        here.pipe(there).pipe(here);
      }
    });
    this.#server = server;
    await new Promise<void>((listening) => server.listen(this.port, '127.0.0.1', listening));
  }

  /** Cuts what is connected, and refuses. */
  async off(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await new Promise<void>((closed) => (server === null ? closed() : server.close(() => closed())));
  }
}
