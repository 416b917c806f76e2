import { connect, type Socket } from 'node:net';
import { assertLoopback } from './load.ts';

/** An answer; the status is 0 when the connection fell before there was one. */
export type LineAnswer = {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
};

const lost: LineAnswer = { status: 0, retryAfter: null, body: '' };

/**
 * Connections to a server of this machine, as many as there are requests without an answer. Plain sockets, because the client that comes with
 * Node takes so much of the processor that it would be measured itself. One request at a time on each; answers have to tell
 * their length, as those of the service do.
 */
export class HttpLines {
  readonly #host: string;
  readonly #port: number;
  readonly #max: number;
  readonly #idle: Line[] = [];
  readonly #lines = new Set<Line>();
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  /** @param linesMax how many connections there may be; beyond it requests wait */
  constructor(url: string, linesMax: number) {
    assertLoopback(url);
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#max = linesMax;
  }

  async send(
    method: string,
    path: string,
    body: unknown = undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LineAnswer> {
    const payload = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const content =
      payload === ''
        ? ''
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(payload)}\r\n`;
    const text = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${this.#port}\r\n${content}${lines.join('')}\r\n${payload}`;
    const line = await this.#take();
    const answer = await line.ask(text);
    this.#giveBack(line);
    return answer;
  }

  /** Opens connections beforehand: requests that come at once would wait for being accepted. */
  async openAhead(lines: number): Promise<void> {
    while (this.#open < lines) {
      const some = Array.from({ length: Math.min(100, lines - this.#open) }, () => this.#openOne());
      this.#idle.push(...(await Promise.all(some)));
    }
  }

  close(): void {
    for (const line of this.#idle.splice(0)) {
      line.close();
    }
  }

  /** Closes also the connections on which an answer is awaited: it is lost. */
  abort(): void {
    for (const line of this.#lines) {
      line.close();
    }
  }

  async #take(): Promise<Line> {
    for (;;) {
      // In turn, so that none is idle for so long that the server gives it up.
      const line = this.#idle.shift();
      if (line !== undefined && !line.isClosed) {
        return line;
      }
      if (line !== undefined) {
        this.#open -= 1;
      } else if (this.#open < this.#max) {
        return this.#openOne();
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  #giveBack(line: Line): void {
    if (line.isClosed) {
      this.#open -= 1;
    } else {
      this.#idle.push(line);
    }
    this.#waiting.shift()?.();
  }

  #openOne(): Promise<Line> {
    this.#open += 1;
    return new Promise((resolve) => {
      const socket = connect({ port: this.#port, host: this.#host, noDelay: true });
      const line = new Line(socket);
      this.#lines.add(line);
      socket.once('close', () => this.#lines.delete(line));
      socket.once('connect', () => resolve(line));
      // Whoever asks it is told that the answer is lost.
      socket.once('error', () => resolve(line));
    });
  }
}

class Line {
  isClosed = false;
  readonly #socket: Socket;
  #read = '';
  #answered: ((answer: LineAnswer) => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    // One character for each byte, as the length is told in bytes.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      if (this.#answered === null) {
        // Nobody has asked: the server gives up a connection on which nothing came for long.
        this.isClosed = true;
        socket.destroy();
        return;
      }
      this.#read += text;
      this.#parse();
    });
    socket.on('error', () => this.#lose());
    socket.on('close', () => this.#lose());
  }

  ask(text: string): Promise<LineAnswer> {
    if (this.isClosed) {
      return Promise.resolve(lost);
    }
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(text);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #parse(): void {
    const headEnd = this.#read.indexOf('\r\n\r\n');
    if (headEnd < 0) {
      return;
    }
    const head = this.#read.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (this.#read.length < end) {
      return;
    }
    const body = this.#read.slice(headEnd + 4, end);
    this.#read = this.#read.slice(end);
    const status = Number(head.slice(9, 12));
    const retryAfter = /\r\nretry-after: (\S+)/i.exec(head)?.[1] ?? null;
    if (/\r\nconnection: close(\r\n|$)/i.test(head)) {
      // The server closes it next: a request that is sent now would be lost.
      this.isClosed = true;
      this.#socket.destroy();
    }
    this.#tell({ status, retryAfter, body });
  }

  #lose(): void {
    this.isClosed = true;
    this.#tell(lost);
  }

  #tell(answer: LineAnswer): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(answer);
  }
}
