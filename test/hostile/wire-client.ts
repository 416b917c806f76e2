import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AnswerReader, type WireAnswer } from './wire-answer.ts';

/** A request as it goes over the wire: nothing in it is checked or escaped. */
export type WireRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | null;
};

/** Longer than any answer takes on a busy machine. */
const patienceMs = 60_000;
/** Ends a connection on which nobody knows how many answers will come. */
const lastRequest = 'GET /healthz HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n';
/** What an HTTP parser takes for a part of the line or header that it stands in, and what does not change where a message ends. */
const plainMethod = /^[A-Z-]+$/;
const plainTarget = /^[!-~]+$/;
const plainName = /^[\w!#$%&'*+.^`|~-]+$/;
const plainValue = /^[\t -~\x80-\xff]*$/;
const framingHeaders = /^(content-length|transfer-encoding|connection|upgrade|expect)$/i;

/** Sends what no decent client would, over connections that it uses again as far as it can. */
export class WireClient {
  readonly #host: string;
  readonly #port: number;
  readonly #idle: Socket[] = [];

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /**
   * The answer to a request, or all answers where the request may be taken for several.
   *
   * @throws Error when the server says nothing, or closes without an answer
   */
  async send(request: WireRequest): Promise<readonly WireAnswer[]> {
    const isPlain = isOneMessage(request);
    const bytes = bytesOf(request);
    const socket = (isPlain ? this.#idle.pop() : undefined) ?? (await this.#connect());
    const reader = new AnswerReader(request.method);
    const waiting = new AbortController();
    const answered = new Promise<readonly WireAnswer[]>((resolve, reject) => {
      const settle = () => {
        const { answers, isBroken } = reader;
        if (answers.length > 0 && !isBroken) {
          resolve(answers);
        } else {
          reject(new Error(`no answer to ${shownRequest(request)}: ${reader.rest}`));
        }
      };
      socket.on('data', (chunk: Buffer) => {
        reader.take(chunk);
        const [first] = reader.answers;
        if (first !== undefined && (isPlain || first.isStream)) {
          settle();
        }
      });
      socket.on('close', () => {
        reader.end();
        settle();
      });
      pause(patienceMs, undefined, { signal: waiting.signal }).then(
        () => reject(new Error(`nothing was answered to ${shownRequest(request)}`)),
        () => {},
      );
    });
    socket.write(isPlain ? bytes : Buffer.concat([bytes, Buffer.from(lastRequest)]));
    try {
      const answers = await answered;
      this.#keepOrEnd(socket, isPlain && answers.every(({ endsConnection }) => !endsConnection));
      return answers;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      waiting.abort();
    }
  }

  /** Closes what is open. */
  hangUp(): void {
    for (const socket of this.#idle.splice(0)) {
      socket.destroy();
    }
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      // Later than here it changes nothing: what was received before it counts, and `close` follows.
      const socket = connect(this.#port, this.#host, () => resolve(socket)).on('error', reject);
      socket.setNoDelay();
    });
  }

  #keepOrEnd(socket: Socket, isUsable: boolean): void {
    socket.removeAllListeners('data').removeAllListeners('close');
    if (isUsable && !socket.destroyed) {
      this.#idle.push(socket);
      socket.once('close', () => {
        const at = this.#idle.indexOf(socket);
        if (at >= 0) {
          this.#idle.splice(at, 1);
        }
      });
    } else {
      socket.destroy();
    }
  }
}

/** Whether every parser sees one request in it, so that one answer comes and the connection can go on. */
export function isOneMessage({ method, target, headers }: WireRequest): boolean {
  return (
    plainMethod.test(method) &&
    plainTarget.test(target) &&
    headers.every(
      ([name, value]) => plainName.test(name) && plainValue.test(value) && !framingHeaders.test(name),
    )
  );
}

function bytesOf({ method, target, headers, body }: WireRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body !== null) {
    lines.push(`Content-Length: ${body.length}`);
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body === null ? head : Buffer.concat([head, body]);
}

/** Enough of a request to know it again. */
export function shownRequest(request: WireRequest): string {
  const text = bytesOf(request).toString('latin1');
  return JSON.stringify(text.length > 2_000 ? `${text.slice(0, 2_000)}… (${text.length} bytes)` : text);
}
