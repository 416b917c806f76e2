import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { endWithThisProcess } from '../measure/end-with-this-process.ts';
import { Latencies } from '../measure/latencies.ts';
import { Answers } from './answers.ts';
import type { Errand } from './buyers.ts';
import type { FromSender, ToSender } from './sender-process.ts';

/** Buyers of one kind: so many that come each second, or so many of whom each begins again at once. */
export type Crowd = { readonly errand: Errand } & (
  | { readonly perSecond: number }
  | { readonly atATime: number }
);

export type SendPlan = {
  readonly url: string;
  readonly crowds: readonly Crowd[];
  readonly seconds: number;
  /** Answers are counted in windows of this length. */
  readonly windowSeconds: number;
  /** Connections that are opened beforehand: the system refuses some when very many come to a busy process at once. */
  readonly linesAhead: number;
  readonly linesMax: number;
};

export type SendReport = {
  readonly answers: Answers;
  /** How late requests were begun: the sender is no bottleneck as long as that is little. */
  readonly late: Latencies;
  readonly refusedWithoutRetryAfter: number;
  readonly unexpected: readonly string[];
};

/** A load from a process of its own, which can be asked while it goes on. */
export class Sender {
  readonly ended: Promise<SendReport>;
  readonly #process: ChildProcess;
  readonly #messages: Messages;

  private constructor(process: ChildProcess, messages: Messages, ended: Promise<SendReport>) {
    this.#process = process;
    this.#messages = messages;
    this.ended = ended;
  }

  /** Resolves when the first requests are due. */
  static async start(plan: SendPlan): Promise<Sender> {
    const sending = fork(join(import.meta.dirname, 'sender-process.ts'), [], {
      stdio: 'inherit',
      serialization: 'advanced',
    });
    endWithThisProcess(sending);
    const messages = new Messages(sending);
    const ended = report(messages, plan.windowSeconds);
    ended.catch(() => undefined); // whoever waits for the report is told
    sending.send({ kind: 'begin', plan } satisfies ToSender);
    await messages.next('begun');
    return new Sender(sending, messages, ended);
  }

  /** How many requests were sent by now. */
  async sent(): Promise<number> {
    this.#process.send({ kind: 'count' } satisfies ToSender);
    return (await this.#messages.next('counted')).sent;
  }
}

/** Sends, and resolves when all was answered. */
export async function send(plan: SendPlan): Promise<SendReport> {
  return (await Sender.start(plan)).ended;
}

async function report(messages: Messages, windowSeconds: number): Promise<SendReport> {
  const { answers, late, ...rest } = await messages.next('ended');
  return { ...rest, answers: new Answers(windowSeconds, answers), late: new Latencies(late) };
}

/** What a process tells, for those who wait for one kind of it. */
class Messages {
  readonly #waiting = new Map<FromSender['kind'], PromiseWithResolvers<FromSender>>();

  constructor(sending: ChildProcess) {
    sending.on('message', (message: FromSender) => {
      this.#waiting.get(message.kind)?.resolve(message);
      this.#waiting.delete(message.kind);
    });
    // Behind the last message, however the process has ended.
    sending.on('disconnect', () => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error('the sender ended too early'));
      }
    });
  }

  async next<Kind extends FromSender['kind']>(kind: Kind): Promise<Extract<FromSender, { kind: Kind }>> {
    const waiting = this.#waiting.get(kind) ?? Promise.withResolvers<FromSender>();
    this.#waiting.set(kind, waiting);
    return (await waiting.promise) as Extract<FromSender, { kind: Kind }>;
  }
}
