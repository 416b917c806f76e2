import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchDatabaseKind } from '../../src/cli/bench-program.ts';
import { CommandError } from '../../src/cli/failure.ts';
import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { inTurn, type Plan, type Side, type Turn } from '../measure/compare.ts';
import type { LoadResult } from '../measure/load-result.ts';
import { type MeasuredCheckout, serverVariables, startCheckout } from '../measure/measured-checkout.ts';
import { type NodeProcess, startNode } from '../measure/node-process.ts';
import type { ComparedDatabase, ComparedDatabases } from './compared-databases.ts';

/** Holds outlive the run, so that none is released while others are counted. */
const holdSeconds = { HOLD_SECONDS: '3600' };

/**
 * What one comparison stands on: a folder, databases and servers of its own, which are taken down in reverse order when it is over.
 */
export class Stage {
  readonly plan: Plan;
  readonly folder: string;
  /** Says what is done now. */
  readonly say: (doing: string) => void;
  readonly #databases: ComparedDatabases;
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(plan: Plan, folder: string, databases: ComparedDatabases, say: (doing: string) => void) {
    this.plan = plan;
    this.folder = folder;
    this.say = say;
    this.#databases = databases;
  }

  /** A new, empty database. */
  async database(kind: BenchDatabaseKind): Promise<ComparedDatabase> {
    const database = await this.#databases.open(kind, this.folder);
    this.atEnd(() => database.drop());
    return database;
  }

  /** The service on a database. */
  async checkout(
    { url }: ComparedDatabase,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<MeasuredCheckout> {
    const checkout = await startCheckout(url, this.folder, { ...holdSeconds, ...variables });
    this.atEnd(() => checkout.stop());
    return checkout;
  }

  /** The server that does nothing. */
  noOp(variables: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
    return this.peer('bench/servers/no-op-server.ts', variables);
  }

  /** Another server of `bench/servers`. */
  async peer(script: string, variables: Readonly<Record<string, string>>): Promise<NodeProcess> {
    const logFile = join(this.folder, `peer-${process.hrtime.bigint()}.log`);
    const node = await startNode(script, [], { ...serverVariables(logFile), ...holdSeconds, ...variables });
    this.atEnd(() => node.stop());
    return node;
  }

  /** Loads sides in turn, and says which round it is. */
  inTurn<Name extends string, Result extends LoadResult>(
    sides: Readonly<Record<Name, Side<Result>>>,
  ): Promise<readonly Turn<Name, Result>[]> {
    const { rounds } = this.plan;
    this.say('warming up');
    return inTurn(sides, this.plan, (round) => this.say(`round ${round} of ${rounds}`));
  }

  /** @throws CommandError when anything in the database is not as it has to be: a figure of an unsound service is none */
  async audit(client: CheckoutClient): Promise<void> {
    this.say('audit');
    const differences = await client.auditDifferences();
    if (differences.length > 0) {
      throw new CommandError(`The audit after a load found differences: ${JSON.stringify(differences)}`);
    }
  }

  atEnd(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) {
      await end();
    }
  }
}

/**
 * A load whose answers are compared with what is in the database afterwards: each that was answered is there. A load ends with a request
 * on each connection that nobody waits for; those may be there too.
 *
 * @throws Error when there are fewer, or more than that
 */
export async function counted<Result extends LoadResult>(
  load: () => Promise<Result>,
  count: () => Promise<number>,
  unanswered: number,
): Promise<Result> {
  const before = await settled(count);
  const result = await load();
  const made = (await settled(count)) - before;
  if (made < result.answered || made > result.answered + unanswered) {
    throw new Error(`${result.answered} were answered with success, ${made} are in the database`);
  }
  return result;
}

/** A count that does not grow any more. */
async function settled(count: () => Promise<number>): Promise<number> {
  const first = await count();
  await pause(20);
  const second = await count();
  return first === second ? second : settled(count);
}
