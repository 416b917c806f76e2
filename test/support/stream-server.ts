import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenForTest } from './local-server.ts';

/**
 * What a stream server does with a viewer: keeps the stream open, refuses it, answers nothing, shows a page of its own, or hangs up.
 */
export type Reception = 'stream' | 'overloaded' | 'silent' | 'page' | 'hung up';

/** A server whose streams say what the test says, and beside them a list of products. */
export class StreamServer {
  readonly url: string;
  reception: Reception = 'stream';
  /** The products of `GET /api/v1/products`; null: the connection falls. */
  listed: readonly unknown[] | null = [];
  /** The headers of every request for a stream, in order. */
  readonly asked: IncomingMessage['headers'][] = [];
  polls = 0;
  readonly #viewers = new Set<ServerResponse>();

  constructor(server: Server, url: string) {
    this.url = url;
    server.on('request', (request, response) => {
      if (request.url === '/api/v1/products') {
        this.#list(request, response);
      } else {
        this.asked.push(request.headers);
        this.#receive(response);
      }
    });
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Writes to every viewer, as it is. */
  write(text: string | Uint8Array): void {
    for (const viewer of this.#viewers) {
      viewer.write(text);
    }
  }

  /** Sends a message to every viewer. */
  send(event: string, data: unknown, fields = ''): void {
    this.write(`event: ${event}\n${fields}data: ${JSON.stringify(data)}\n\n`);
  }

  /** Cuts every viewer off. */
  cut(): void {
    for (const viewer of this.#viewers) {
      viewer.destroy();
    }
  }

  #list(request: IncomingMessage, response: ServerResponse): void {
    this.polls += 1;
    if (this.listed === null) {
      request.socket.destroy();
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ products: this.listed }));
    }
  }

  #receive(response: ServerResponse): void {
    if (this.reception === 'overloaded') {
      response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' });
      response.end(JSON.stringify({ code: 'overloaded', status: 503, detail: 'Too many viewers.' }));
    } else if (this.reception === 'page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>');
    } else if (this.reception === 'hung up') {
      response.destroy();
    } else if (this.reception === 'stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      this.#viewers.add(response);
      response.on('close', () => this.#viewers.delete(response));
    }
  }
}

/** A stream server that is closed when the test that calls this has ended. */
export async function streamServerForTest(): Promise<StreamServer> {
  const server = createServer();
  return new StreamServer(server, await listenForTest(server));
}
