import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
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

  private constructor(process: ChildProcess, ended: Promise<SendReport>) {
    this.#process = process;
    this.ended = ended;
  }

  /** Resolves when the first requests are due. */
  static async start(plan: SendPlan): Promise<Sender> {
    const sending = fork('bench/load/sender-process.ts', [], { stdio: 'inherit', serialization: 'advanced' });
    const killIt = (): void => void sending.kill('SIGKILL');
    process.once('exit', killIt);
    sending.once('exit', () => process.off('exit', killIt));
    const ended = report(sending, plan.windowSeconds);
    ended.catch(() => undefined); // whoever waits for the report is told
    sending.send({ kind: 'begin', plan } satisfies ToSender);
    await next(sending, 'begun');
    return new Sender(sending, ended);
  }

  /** How many requests were sent by now. */
  async sent(): Promise<number> {
    this.#process.send({ kind: 'count' } satisfies ToSender);
    return (await next(this.#process, 'counted')).sent;
  }
}

/** Sends, and resolves when all was answered. */
export async function send(plan: SendPlan): Promise<SendReport> {
  return (await Sender.start(plan)).ended;
}

async function report(sending: ChildProcess, windowSeconds: number): Promise<SendReport> {
  const { answers, late, ...rest } = await next(sending, 'ended');
  return { ...rest, answers: new Answers(windowSeconds, answers), late: new Latencies(late) };
}

async function next<Kind extends FromSender['kind']>(
  sending: ChildProcess,
  kind: Kind,
): Promise<Extract<FromSender, { kind: Kind }>> {
  const ending = new AbortController();
  const exited = once(sending, 'exit', { signal: ending.signal }).then(([code]) => {
    throw new Error(`the sender ended with ${code}`);
  });
  exited.catch(() => undefined); // nobody waits for it any more
  try {
    for (;;) {
      const [message] = (await Promise.race([
        once(sending, 'message', { signal: ending.signal }),
        exited,
      ])) as [FromSender];
      if (message.kind === kind) {
        return message as Extract<FromSender, { kind: Kind }>;
      }
    }
  } finally {
    ending.abort();
  }
}
