import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { onTestFinished } from 'vitest';
import { listen } from './local-server.ts';

/** When the connection of a commit is cut: before the server has it, or behind the server's answer. */
export type CommitCut = 'before' | 'after';

/** A line to a server that can be cut: connections fall, and no new ones are made until it is mended. */
export class CutLine {
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** How many of the next messages are cut. */
  #messagesToCut = 0;
  #commitToCut: CommitCut | null = null;

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
      const commits = this.#commitScissors(near, far);
      for (const [from, onwards] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from
          .pipe(this.#scissorsBefore(onwards))
          .pipe(commits[from === near ? 'request' : 'answer'])
          .pipe(onwards);
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

  /**
   * Cuts the connection of the next COMMIT: before it reaches the server, or when the server's answer comes
   * back, so that it took place and the client cannot know.
   */
  cutNextCommit(at: CommitCut): void {
    this.#commitToCut = at;
  }

  /** Whether the commit of `cutNextCommit` has come and its connection was cut. */
  get hasCutCommit(): boolean {
    return this.#commitToCut === null;
  }

  #commitScissors(near: Socket, far: Socket): Readonly<Record<'request' | 'answer', Transform>> {
    let isCutAtAnswer = false;
    const cut = (): void => {
      this.#commitToCut = null;
      near.destroy();
      far.destroy();
    };
    const request = new Transform({
      transform: (message: Buffer, _encoding, done) => {
        const isCommit = this.#commitToCut !== null && /\bcommit\b/i.test(message.toString('latin1'));
        if (isCommit && this.#commitToCut === 'before') {
          cut();
          return done();
        }
        isCutAtAnswer ||= isCommit;
        done(null, message);
      },
    });
    const answer = new Transform({
      transform: (message: Buffer, _encoding, done) => {
        if (isCutAtAnswer) {
          cut();
          return done();
        }
        done(null, message);
      },
    });
    return { request, answer };
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
