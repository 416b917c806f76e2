import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { redisClient } from './connect.ts';

/** How often the way to Redis and back is tried. */
const beatMs = 250;
/**
 * So many beats without an echo, and Redis is taken as gone. Counted in beats and not in time, because a
 * process that was paused itself has heard nothing either.
 */
const beatsUnheardMax = 4;
/** The longest that anything waits for an answer of Redis: then it goes on without. */
const waitMsMax = 50;
const retryMsMax = 1_000;

export type RedisLinkOptions = {
  readonly url: string;
  /** Told once when Redis can be used, and again when it is back. */
  readonly reached: () => void;
  /** Told once when it cannot, with the reason. */
  readonly lost: (reason: string) => void;
};

type Handler = (message: string) => void;

/**
 * This process's way to Redis: one connection for commands and one that listens. Redis may be away, frozen,
 * emptied or restarted at any time; whoever asks waits 50 ms at most and has to do without it.
 *
 * Reached: a message that this process published came back, so both connections work and every channel is
 * listened to. Lost: a connection closed, or four beats had no echo. The connections are made anew until it is
 * reached again.
 */
export class RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #handlers: { readonly channel: (sale: string) => string; readonly handler: Handler }[] = [];
  readonly #onReached: (() => void)[] = [];
  readonly #echoChannel = `flash-sale:echo:${randomUUID()}`;
  #sale = '';
  #commands: Redis | null = null;
  #listener: Redis | null = null;
  #beat: NodeJS.Timeout | undefined;
  /** Connections that work. One that this process gives up leaves at once: it may still deliver until it has closed. */
  readonly #working = new Set<Redis>();
  #isReached = false;
  /** An answer was late: nobody waits for another one until a beat was heard. */
  #isSlow = false;
  #beatsUnheard = 0;
  #told: 'nothing' | 'reached' | 'lost' = 'nothing';
  #reason = '';
  #isStopped = false;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  /** Listens to a channel of this sale's nodes. To be called before the start. */
  listen(name: string, handler: Handler): void {
    this.#handlers.push({ channel: (sale) => nameIn(sale, name), handler });
  }

  /** Listens to a channel of all that use this Redis. To be called before the start. */
  listenToAll(channel: string, handler: Handler): void {
    this.#handlers.push({ channel: () => channel, handler });
  }

  /** Calls back each time that Redis is reached, for the first time or again: messages may have been missed. */
  onReached(callBack: () => void): void {
    this.#onReached.push(callBack);
  }

  /**
   * Begins to connect and does not wait for it.
   *
   * @param sale what tells this sale's database from every other, because they may share one Redis
   */
  start(sale: string): void {
    this.#sale = sale;
    this.#open().catch((error) => this.#lose(messageOf(error)));
  }

  /**
   * Asks Redis something, and waits for it within bounds.
   *
   * @param send is given the name of anything that belongs to this sale
   * @returns null when Redis is away, slow or refuses
   */
  ask<Answer>(
    send: (redis: Redis, named: (name: string) => string) => Promise<Answer>,
  ): Promise<Answer | null> {
    const redis = this.#commands;
    if (redis === null || !this.#isReached || this.#isSlow) {
      return Promise.resolve(null);
    }
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#isSlow = true;
        resolve(null);
      };
      // One more turn, since an answer may lie in the socket when it was this process that was busy.
      const timer = setTimeout(() => setImmediate(() => waiting && giveUp()), waitMsMax);
      let waiting = true;
      const settle = (answer: Answer | null) => {
        waiting = false;
        clearTimeout(timer);
        resolve(answer);
      };
      send(redis, (name) => nameIn(this.#sale, name)).then(settle, () => settle(null));
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#isReached = false;
    clearInterval(this.#beat);
    this.#commands?.disconnect();
    this.#listener?.disconnect();
  }

  async #open(): Promise<void> {
    const commands = await redisClient(this.#options.url, retryMs);
    const listener = await redisClient(this.#options.url, retryMs);
    if (this.#isStopped) {
      return;
    }
    this.#commands = commands;
    this.#listener = listener;
    for (const redis of [commands, listener]) {
      redis.on('error', (error: Error) => {
        this.#reason = messageOf(error);
      });
      redis.on('close', () => {
        this.#working.delete(redis);
        this.#lose(this.#reason || 'the connection was closed');
      });
    }
    commands.on('ready', () => this.#use(commands));
    listener.on('ready', () => this.#subscribe(listener));
    const handlers = new Map(this.#handlers.map(({ channel, handler }) => [channel(this.#sale), handler]));
    listener.on('message', (channel: string, message: string) =>
      channel === this.#echoChannel ? this.#hearEcho() : handlers.get(channel)?.(message),
    );
    this.#beat = setInterval(() => this.#tick(), beatMs);
    // What keeps them from connecting comes as an event.
    for (const redis of [commands, listener]) {
      redis.connect().catch(() => {});
    }
  }

  #subscribe(listener: Redis): void {
    const channels = this.#handlers.map(({ channel }) => channel(this.#sale));
    listener.subscribe(this.#echoChannel, ...channels).then(
      () => this.#use(listener),
      () => listener.disconnect(true),
    );
  }

  #use(redis: Redis): void {
    this.#working.add(redis);
    this.#tryWay();
  }

  #tick(): void {
    if (this.#beatsUnheard >= beatsUnheardMax) {
      this.#reason = 'it does not answer';
      this.#lose(this.#reason);
      // What was sent to a frozen Redis would pile up; a new connection begins with nothing.
      for (const redis of this.#working) {
        this.#working.delete(redis);
        redis.disconnect(true);
      }
    }
    this.#tryWay();
  }

  #tryWay(): void {
    if (this.#bothWork()) {
      this.#beatsUnheard += 1;
      this.#commands?.publish(this.#echoChannel, '').catch(() => {});
    }
  }

  #hearEcho(): void {
    // A Redis that thaws at the moment it is given up echoes what it was sent before.
    if (!this.#bothWork()) {
      return;
    }
    this.#beatsUnheard = 0;
    this.#isSlow = false;
    if (this.#isReached || this.#isStopped) {
      return;
    }
    this.#isReached = true;
    this.#reason = '';
    this.#told = 'reached';
    this.#options.reached();
    for (const callBack of this.#onReached) {
      callBack();
    }
  }

  #bothWork(): boolean {
    return this.#working.size === 2;
  }

  #lose(reason: string): void {
    this.#isReached = false;
    this.#beatsUnheard = 0;
    if (this.#told !== 'lost' && !this.#isStopped) {
      this.#told = 'lost';
      this.#options.lost(reason);
    }
  }
}

function nameIn(sale: string, name: string): string {
  return `flash-sale:${sale}:${name}`;
}

/** Soon at first, then once a second; spread, so that not all nodes come back at the same instant. */
function retryMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), retryMsMax) * (0.75 + Math.random() / 4);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
