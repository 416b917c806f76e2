import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listen } from './local-server.ts';

/** A line to a server that can be cut: connections fall, and no new ones are made until it is mended. */
export class CutLine {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server, port: number, to: URL) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('connection', (near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = dial(Number(to.port), to.hostname);
      for (const [from, onwards] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(onwards);
        from.on('error', () => onwards.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          onwards.destroy();
        });
      }
    });
  }

  /** A line that is taken down when the test that calls this has ended. */
  static async to(url: string): Promise<CutLine> {
    const server = createServer();
    const line = new CutLine(server, await listen(server), new URL(url));
    onTestFinished(async () => {
      line.cut();
      await new Promise((closed) => line.#server.close(closed));
    });
    return line;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  mend(): void {
    this.#isCut = false;
  }
}
