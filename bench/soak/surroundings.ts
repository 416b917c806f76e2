import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { endWithThisProcess } from '../measure/end-with-this-process.ts';
import type { FromSurroundings, ToSurroundings } from './surroundings-process.ts';

/** What stands around a service in a sale, in a process of its own: an endpoint for its events, and viewers of both pages. */
export class Surroundings {
  /** Where the endpoint is. */
  readonly eventsUrl: string;
  readonly #process: ChildProcess;

  private constructor(surroundings: ChildProcess, eventsUrl: string) {
    this.#process = surroundings;
    this.eventsUrl = eventsUrl;
  }

  static async start(): Promise<Surroundings> {
    const surroundings = fork(join(import.meta.dirname, 'surroundings-process.ts'), [], { stdio: 'inherit' });
    endWithThisProcess(surroundings);
    const { eventsUrl } = await told(surroundings, 'listening');
    return new Surroundings(surroundings, eventsUrl);
  }

  /** Resolves when every viewer has its first message. */
  async watch(url: string, shops: number, consoles: number): Promise<void> {
    this.#process.send({ kind: 'watch', url, shops, consoles } satisfies ToSurroundings);
    await told(this.#process, 'watching');
  }

  /** What came by now, and how many viewers were sent away. */
  async count(): Promise<Extract<FromSurroundings, { kind: 'counted' }>> {
    this.#process.send({ kind: 'count' } satisfies ToSurroundings);
    return told(this.#process, 'counted');
  }

  end(): void {
    this.#process.kill();
  }
}

/** Waits for the next message, which is of this kind: the process tells one thing at a time. */
async function told<Kind extends FromSurroundings['kind']>(
  surroundings: ChildProcess,
  kind: Kind,
): Promise<Extract<FromSurroundings, { kind: Kind }>> {
  const [message] = (await once(surroundings, 'message')) as [FromSurroundings];
  if (message.kind !== kind) {
    throw new Error(`expected ${kind}, got ${message.kind}`);
  }
  return message as Extract<FromSurroundings, { kind: Kind }>;
}
