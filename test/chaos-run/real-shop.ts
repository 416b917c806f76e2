import type { Books, Rules } from '../history/history.ts';
import type { Random } from '../stories/random.ts';
import type { CheckoutClient } from '../support/checkout-client.ts';
import { webhookSecret } from '../support/signed-events.ts';
import type { Arrangement } from './arrangement.ts';
import type { Ends } from './ends.ts';
import { cutInMessages, type Fault, frozen, killed, severed } from './fault.ts';
import { RealNode } from './real-node.ts';

/** How old a product may be that is shown. */
export const cacheMs = 1_000;
/** Less than the age at which a signature is refused. */
const jumpMs = 200_000;

type Opening = {
  readonly rules: Rules;
  readonly random: Random;
  readonly ends: Ends;
  readonly stop: AbortSignal;
};

/** All processes of an arrangement, ready, and what may happen to them. */
export class RealShop {
  readonly nodes: readonly RealNode[];
  /** What goes wrong at the same time: to processes, to what they stand on, and to the lines between all of them. */
  readonly hands: readonly (readonly Fault[])[];
  readonly clockErrorMs: number;
  readonly leftOut: readonly string[];

  private constructor(
    nodes: readonly RealNode[],
    about: Pick<RealShop, 'hands' | 'clockErrorMs' | 'leftOut'>,
  ) {
    this.nodes = nodes;
    this.hands = about.hands;
    this.clockErrorMs = about.clockErrorMs;
    this.leftOut = about.leftOut;
  }

  static async open(arrangement: Arrangement, { rules, random, ends, stop }: Opening): Promise<RealShop> {
    const ground = await arrangement.prepare(ends);
    const clockOffsetsMs: number[] = [];
    const start = (name: string, command: 'serve' | 'worker', index: number): Promise<RealNode> => {
      stop.throwIfAborted();
      const offsetMs = Math.round(random.between(-1_500, 1_500));
      clockOffsetsMs.push(offsetMs);
      const variables = {
        ...variablesFor(rules),
        ...ground.variables,
        WORKER: String(!arrangement.hasLoneWorker),
        CLOCK_OFFSET_MS: String(offsetMs),
        CLOCK_JUMP_MS: String(jumpMs),
      };
      return RealNode.start({ name, command, databaseUrl: ground.databaseUrl(index), variables }, ends);
    };
    // One after the other: the first one makes the schema.
    const nodes: RealNode[] = [];
    for (let index = 0; index < arrangement.nodes; index += 1) {
      nodes.push(await start(`node ${index + 1}`, 'serve', index));
    }
    const processes = arrangement.hasLoneWorker ? [...nodes, await start('the worker', 'worker', 0)] : nodes;
    const lines = [...nodes.flatMap(({ line }) => line ?? []), ...ground.lines];
    return new RealShop(nodes, {
      hands: [
        processes.flatMap((each) => [killed(each), frozen(each), each.clockJump]),
        ground.faults,
        lines.flatMap((line) => [severed(line), cutInMessages(line)]),
      ],
      clockErrorMs: arrangement.decidesByHostClock ? Math.max(...clockOffsetsMs.map(Math.abs)) : 0,
      leftOut: ground.leftOut,
    });
  }

  get clients(): readonly CheckoutClient[] {
    return this.nodes.map(({ client }) => client);
  }

  /** What the service's own audit finds, and where a node shows other units than the books have. */
  async disagreements(products: Books['products']): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const { name, client } of this.nodes) {
      for (const { name: check, expected, found } of await client.auditDifferences()) {
        wrong.push(`the audit of ${name} says of "${check}": expected ${expected}, found ${found}`);
      }
      for (const { id, stock, held } of products) {
        const { body } = await client.product(id);
        if (body.stock !== stock || body.held_stock !== held) {
          wrong.push(
            `${name} shows ${body.stock} of product ${id} and ${body.held_stock} held, not ${stock} and ${held}`,
          );
        }
      }
    }
    return wrong;
  }
}

function variablesFor({ holdSeconds, paymentSeconds, parkedSeconds, requestTimeoutMs }: Rules) {
  return {
    HOLD_SECONDS: String(holdSeconds),
    PAYMENT_SECONDS: String(paymentSeconds),
    PARKED_SECONDS: String(parkedSeconds),
    REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
    CACHE_TTL_MS: String(cacheMs),
    WEBHOOK_SECRETS: webhookSecret,
    SIMULATED_PAYMENTS: 'false',
    PAGES: 'false',
  };
}
