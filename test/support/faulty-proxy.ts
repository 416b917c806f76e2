import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenForTest } from './local-server.ts';

/**
 * What becomes of a request: it is passed on and answered; the connection falls before it is passed on, after it had its effect, or in
 * the middle of the answer; nobody ever answers; or it gets an answer of the proxy's own.
 */
export type ProxyFault =
  | 'none'
  | 'lost before'
  | 'lost after'
  | 'cut off'
  | 'silent'
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** A request that came to the proxy, and what the server answered to it. */
export type Passed = {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly status?: number;
  readonly replayed?: boolean;
};

/** What is between a client and the real server, and fails as it is told. */
export class FaultyProxy {
  readonly url: string;
  /** What becomes of the next requests, in turn; then all are answered. */
  faults: ProxyFault[] = [];
  readonly passed: Passed[] = [];
  readonly #target: string;

  constructor(server: Server, url: string, target: string) {
    this.url = url;
    this.#target = target;
    server.on('request', (request, response) => this.#serve(request, response));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.faults.shift() ?? 'none';
    const key = request.headers['idempotency-key'];
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      key: typeof key === 'string' ? key : undefined,
    };
    if (fault === 'lost before') {
      this.passed.push(asked);
      request.socket.destroy();
      return;
    }
    if (typeof fault === 'object') {
      this.passed.push(asked);
      response.writeHead(fault.status, { ...fault.headers }).end(fault.body);
      return;
    }
    const answer = await this.#passOn(request);
    const text = await answer.text();
    const replayed = answer.headers.get('idempotency-replayed') === 'true';
    this.passed.push({ ...asked, status: answer.status, replayed });
    if (fault === 'lost after') {
      request.socket.destroy();
    } else if (fault !== 'silent') {
      response.writeHead(answer.status, {
        ...Object.fromEntries(answer.headers),
        connection: 'close',
      });
      if (fault === 'none') {
        response.end(text);
      } else {
        response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
      }
    }
  }

  async #passOn(request: IncomingMessage): Promise<Response> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const { host: _host, connection: _connection, ...headers } = request.headers;
    return fetch(`${this.#target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
  }
}

/** A proxy before a server, closed when the test that calls this has ended. */
export async function proxyForTest(target: string): Promise<FaultyProxy> {
  const server = createServer();
  return new FaultyProxy(server, await listenForTest(server), target);
}
