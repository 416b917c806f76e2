import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { onTestFinished } from 'vitest';
import { listen } from './local-server.ts';

/** A line to a server that can be cut: connections fall, and no new ones are made until it is mended. */
export class CutLine {
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** How many of the next messages are cut. */
  #messagesToCut = 0;

  private constructor(server: Server, port: number, to: URL) {
    this.#server = server;
    this.port = port;
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
        from.pipe(this.#scissorsBefore(onwards)).pipe(onwards);
        from.on('error', () => onwards.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          onwards.destroy();
        });
      }
    });
  }

  /**
   * A line that stays until it is taken down.
   *
   * @param atEnd is given what takes it down; without it, that happens when the test that calls this has ended
   */
  static async to(url: string, atEnd: (end: () => Promise<void>) => void = onTestFinished): Promise<CutLine> {
    const server = createServer();
    const line = new CutLine(server, await listen(server), new URL(url));
    atEnd(async () => {
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
    this.#messagesToCut = 0;
  }

  /** Of so many next messages, whichever way they go, a half arrives; then their connections fall. */
  cutNextMessages(count: number): void {
    this.#messagesToCut = count;
  }

  /** Lets through what comes, until it cuts. */
  #scissorsBefore(onwards: Socket): Transform {
    let isOver = false;
    const scissors = new Transform({
      transform: (message: Buffer, _encoding, done) => {
        if (!isOver && this.#messagesToCut > 0) {
          this.#messagesToCut -= 1;
          isOver = true;
          onwards.once('finish', () => onwards.destroy());
          scissors.push(message.subarray(0, message.length / 2));
          scissors.push(null);
        } else if (!isOver) {
          scissors.push(message);
        }
        done();
      },
    });
    return scissors;
  }
}
