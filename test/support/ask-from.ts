import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export type Asked = {
  /** A loopback address of Linux, such as 127.0.0.2. */
  readonly from?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** An IPv6 address that the connection names by the PROXY protocol, as a load balancer does. */
  readonly proxied?: string;
  /** True: not on a connection that a reload of the proxy may close at that moment. */
  readonly onNewConnection?: boolean;
};

export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

/** Sends a request from another address of this machine. The path is sent as it is written. */
export function askFrom(url: string, path: string, asked: Asked = {}): Promise<Answered> {
  const { from = '127.0.0.1', method = 'GET', body, headers = {}, proxied, onNewConnection = false } = asked;
  const { hostname, port } = new URL(url);
  const payload = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: hostname,
      port,
      path,
      method,
      ...(proxied === undefined
        ? { localAddress: from, agent: onNewConnection ? false : agentOf(from) }
        : { createConnection: () => proxiedConnection(hostname, Number(port), proxied) }),
      headers:
        body === undefined
          ? headers
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...headers },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
    });
    outgoing.end(payload);
  });
}

function proxiedConnection(hostname: string, port: number, client: string): Socket {
  const socket = connect(port, hostname);
  socket.write(`PROXY TCP6 ${client} 2001:db8::1 50000 443\r\n`);
  return socket;
}

const agents = new Map<string, Agent>();

function agentOf(from: string): Agent {
  const agent = agents.get(from) ?? new Agent({ keepAlive: true, maxSockets: 64 });
  agents.set(from, agent);
  return agent;
}

/** How many answers have each status. */
export function statuses(answers: readonly Answered[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
