import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { standardWebhooksVerifier } from '../standard-webhooks.ts';

/** Not imported, because that loads the client behind `fetch` too: 35 ms and 4 MB of a start. */
const { Agent, request } = process.getBuiltinModule('node:http');

/** A few minutes of trying: a service that is started again in between still learns of its payments. */
const attemptsMax = 40;
const firstPauseMs = 50;
const longestPauseMs = 5_000;
const answerMs = 10_000;
/** Events that wait for their delivery. Beyond it something is wrong, and they would only fill the memory. */
const waitingMax = 20_000;
const connectionsMax = 32;

type Signing = {
  readonly sign: (id: string, at: Date, body: string) => string;
  readonly verify: (rawBody: string, headers: IncomingHttpHeaders) => boolean;
};

/**
 * Posts events over HTTP, signed as the Standard Webhooks specification has it with a key that nobody else knows, again and again
 * until they are answered 2xx. What waits is lost with the process.
 */
export class EventSender {
  readonly #lost: (reason: string) => void;
  readonly #secret: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<Promise<void>>();
  #signing: Promise<Signing> | null = null;
  #verify: Signing['verify'] = () => false;

  /**
   * @param lost told of an event that was given up
   * @param secret `whsec_…`, for processes that receive each other's events
   */
  constructor(lost: (reason: string) => void, secret?: string) {
    this.#lost = lost;
    this.#secret = secret ?? `whsec_${randomBytes(32).toString('base64')}`;
    if (secret !== undefined) {
      this.#signing = this.#createSigning(); // events of another process may come before the first of this one
    }
  }

  /** Whether a body was signed with this key. */
  verify(rawBody: string, headers: IncomingHttpHeaders): boolean {
    return this.#verify(rawBody, headers);
  }

  /**
   * @param id the same for each attempt and each copy of an event
   * @returns at once: the delivery goes on by itself
   */
  send(url: string, id: string, event: object): void {
    if (this.#stopping.signal.aborted) {
      return;
    }
    if (this.#waiting.size >= waitingMax) {
      this.#lost('too many events wait for their delivery');
      return;
    }
    const delivery = this.#deliver(url, id, JSON.stringify(event)).finally(() => {
      this.#waiting.delete(delivery);
    });
    this.#waiting.add(delivery);
  }

  /** Gives up what waits. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#waiting);
    this.#agent.destroy();
  }

  async #deliver(url: string, id: string, body: string): Promise<void> {
    const { signal } = this.#stopping;
    this.#signing ??= this.#createSigning();
    const { sign } = await this.#signing;
    let reason = '';
    for (let attempt = 0; attempt < attemptsMax && !signal.aborted; attempt += 1) {
      const at = new Date();
      const answer = await this.#post(url, body, {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': sign(id, at, body),
      });
      if (answer === null) {
        return;
      }
      reason = answer;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt) * (0.5 + Math.random() / 2);
      await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    if (!signal.aborted) {
      this.#lost(reason);
    }
  }

  /** @returns null when it was taken, else why not */
  #post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<string | null> {
    return new Promise((resolve) => {
      const outgoing = request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(answerMs)]),
      });
      outgoing.on('response', (incoming) => {
        const { statusCode = 0 } = incoming;
        incoming.resume();
        incoming.on('error', () => undefined);
        incoming.on('close', () =>
          resolve(statusCode >= 200 && statusCode < 300 ? null : `answered ${statusCode}`),
        );
      });
      outgoing.on('error', (error) => resolve(error.message));
      outgoing.end(body);
    });
  }

  async #createSigning(): Promise<Signing> {
    const secret = this.#secret;
    const [{ Webhook }, verify] = await Promise.all([
      import('standardwebhooks'),
      standardWebhooksVerifier([secret]),
    ]);
    const webhook = new Webhook(secret);
    this.#verify = verify;
    return { sign: (id, at, body) => webhook.sign(id, at, body), verify };
  }
}
