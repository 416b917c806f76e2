import { CheckoutClient } from '../support/checkout-client.ts';
import { type CheckoutProcess, startProcess } from '../support/checkout-process.ts';
import { CutLine } from '../support/cut-line.ts';
import { freePort } from '../support/servers.ts';
import { signEvent } from '../support/signed-events.ts';
import type { Ends } from './ends.ts';
import type { Fault, Line, Victim } from './fault.ts';

/** What a process of the service is started with. */
export type NodePlan = {
  /** `node 2` */
  readonly name: string;
  readonly command: 'serve' | 'worker';
  readonly databaseUrl: string;
  readonly variables: Readonly<Record<string, string>>;
};

/** A process of the service, which keeps its port through all its lives. Buyers reach it over a line that can be cut. */
export class RealNode implements Victim {
  readonly kind: 'node' | 'worker';
  readonly name: string;
  /** Null for a worker, which serves nobody. */
  readonly line: Line | null;
  readonly client: CheckoutClient;
  readonly #start: () => Promise<CheckoutProcess>;
  #running: CheckoutProcess;

  private constructor(
    { name, command }: NodePlan,
    line: CutLine | null,
    start: () => Promise<CheckoutProcess>,
    running: CheckoutProcess,
  ) {
    this.name = name;
    this.kind = command === 'serve' ? 'node' : 'worker';
    this.line = line === null ? null : { name: `the line to ${name}`, scissors: line };
    this.client = new CheckoutClient(line?.url ?? '', '');
    this.client.sign = signEvent;
    this.#start = start;
    this.#running = running;
  }

  /** Starts it, and waits until it is ready. */
  static async start(plan: NodePlan, ends: Ends): Promise<RealNode> {
    const { command, databaseUrl, variables } = plan;
    const port = await freePort();
    const start = (): Promise<CheckoutProcess> =>
      startProcess(
        {
          databaseUrl,
          command,
          variables: { PORT: String(port), ...variables },
          preload: 'test/support/jumping-clock.ts',
          // An interrupt from the keyboard reaches the run, which ends its processes itself.
          ownGroup: true,
        },
        ends.add,
      );
    const running = await start();
    const line = command === 'serve' ? await CutLine.to(`http://127.0.0.1:${port}`, ends.add) : null;
    const node = new RealNode(plan, line, start, running);
    ends.add(async () => node.client.hangUp());
    return node;
  }

  kill(): Promise<void> {
    return this.#running.kill();
  }

  async restart(): Promise<void> {
    this.#running = await this.#start();
  }

  async freeze(): Promise<void> {
    this.#running.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#running.signal('SIGCONT');
  }

  /** The wall clock of its host is wrong for a while, and then right again or wrong the other way. */
  get clockJump(): Fault {
    const jump = async (): Promise<void> => this.#running.signal('SIGUSR2');
    return {
      kind: 'clock jumped',
      victim: this.name,
      lastsMs: [500, 3_000],
      begin: jump,
      end: jump,
    };
  }
}
