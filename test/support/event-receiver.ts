import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { listenForTest } from './local-server.ts';

/** A secret for signatures, as the configuration takes it. */
export const eventSecret = `whsec_${Buffer.from('a secret of 24 bytes, ok').toString('base64')}`;

/** A request as it came in. */
export type Received = {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
  /** By the host's clock. */
  readonly atMs: number;
};

/** What a receiver does with its nth request: a status, or an answer of its own. */
export type Answering = (
  received: Received,
  response: ServerResponse,
  nth: number,
) => number | undefined | Promise<number | undefined>;

/** An endpoint of somebody else: a real HTTP server that takes down what it is sent, and checks each signature. */
export class EventReceiver {
  readonly url: string;
  /** In order of arrival. */
  readonly received: Received[] = [];
  answering: Answering = () => 204;
  /** How many requests were being answered at the same time, at most. */
  underWayMax = 0;

  constructor(server: Server, url: string) {
    this.url = `${url}/events`;
    let underWay = 0;
    server.on('request', async (request, response) => {
      underWay += 1;
      this.underWayMax = Math.max(this.underWayMax, underWay);
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const text = Buffer.concat(chunks).toString();
      const { headers } = request;
      const body = JSON.parse(text) as Received['body'];
      const received = { id: String(headers['webhook-id']), headers, text, body, atMs: Date.now() };
      this.received.push(received);
      const status = await this.answering(received, response, this.received.length);
      underWay -= 1;
      if (status !== undefined) {
        response.writeHead(status).end();
      }
    });
  }

  /** The ids of what came, in order of arrival. */
  get ids(): string[] {
    return this.received.map(({ id }) => id);
  }

  get types(): string[] {
    return this.received.map(({ body }) => body.type);
  }
}

/** A receiver that is closed when the test that calls this has ended. */
export async function receiverForTest(answering?: Answering): Promise<EventReceiver> {
  const server = createServer();
  const receiver = new EventReceiver(server, await listenForTest(server));
  receiver.answering = answering ?? receiver.answering;
  return receiver;
}

/** @throws WebhookVerificationError unless who knows the secret has signed exactly this, a short while ago */
export function verifyEvent({ text, headers }: Received, secret = eventSecret): void {
  new Webhook(secret).verify(text, headers as Record<string, string>);
}
