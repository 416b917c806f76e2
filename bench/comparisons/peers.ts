import type { BenchDatabaseKind } from '../../src/cli/bench-program.ts';
import { CheckoutClient } from '../../test/support/checkout-client.ts';
import { atOnce } from '../../test/support/tally.ts';
import { plentyOfStock, postHolds } from '../load/holds.ts';
import { loadWithoutFailure, type Side } from '../measure/compare.ts';
import type { TimedLoadResult } from '../measure/load-result.ts';
import type { Measurement } from '../measure/measurement.ts';
import { PeerTables } from '../peers/peer-tables.ts';
import type { Way } from '../peers/ways.ts';
import { type Case, type Cases, planText, ratioOf } from './case.ts';
import { databaseTitles } from './compared-databases.ts';
import { holdsOn } from './holds.ts';
import { counted, type Stage } from './stage.ts';

const connections = 100;
const liveHolds = 10_000;
/** So many of them are made at a time: few enough that nobody is refused. */
const madeAtATime = 200;
/** How long it takes to make them, about. */
const makingSeconds = 5;
/** Connections of a usual way to its database: each is tried, and the best is taken. */
const poolSizes = [1, 2, 4, 8, 16, 32];
const poolTrialSeconds = 2;

const ways: Readonly<Record<Way, string>> = {
  lock_sum_insert: 'lock, sum, insert',
  conditional_update: 'a conditional update',
};

/**
 * Holds on one hot product beside the usual ways to make one, one transaction for each, on the same kind of database and behind the same
 * HTTP server. All begin with so many live holds. Ours keeps those that are made in the rounds; the usual ways, of which one gets slower
 * with each, begin every load with those of the beginning.
 */
export const peerCases: Cases = (databases) => databases.map(peerCase);

function peerCase(kind: BenchDatabaseKind): Case {
  const name = `holds beside the usual ways, ${databaseTitles[kind]}, ${connections} connections`;
  const trials = kind === 'sqlite' ? 0 : 2 * poolSizes.length * (poolTrialSeconds + 1);
  return {
    name,
    sides: 3,
    preparationSeconds: makingSeconds + trials,
    run: (stage) => measure(stage, kind),
  };
}

async function measure(stage: Stage, kind: BenchDatabaseKind): Promise<readonly Measurement[]> {
  const database = await stage.database(kind);
  const { client } = await stage.checkout(database);
  const productId = await client.createProduct({ stock: plentyOfStock });
  stage.say(`making ${liveHolds} holds`);
  for (let made = 0; made < liveHolds; made += madeAtATime) {
    await atOnce(madeAtATime, () => client.hold(productId));
  }
  const sum = await UsualWay.prepare(stage, kind, 'lock_sum_insert');
  const update = await UsualWay.prepare(stage, kind, 'conditional_update');
  const turns = await stage.inTurn({
    lock_sum_insert: sum.side,
    conditional_update: update.side,
    holds: holdsOn(client, productId, connections),
  });
  await stage.audit(client);
  await Promise.all([sum.audit(), update.audit()]);
  return [sum, update].map(({ way, pool }) =>
    ratioOf({
      name: `holds ÷ ${ways[way]}, ${databaseTitles[kind]}`,
      samples: turns.map((turn) => turn.holds.perSecond / turn[way].perSecond),
      target: way === 'lock_sum_insert' && kind === 'mariadb' ? { atLeast: 30 } : null,
      how: `Holds a second on one product ÷ those made one transaction each by ${ways[way]}, behind the same HTTP server, with ${liveHolds.toLocaleString('en')} live holds at the beginning: ${planText(stage.plan, connections)}; ${pool}; ${database.text}`,
      sides: [
        { name: 'holds', unit: '/s', samples: turns.map(({ holds }) => holds.perSecond) },
        { name: ways[way], unit: '/s', samples: turns.map((turn) => turn[way].perSecond) },
      ],
    }),
  );
}

/** One of the usual ways, on tables of its own and with the number of connections that suits it best. */
class UsualWay {
  readonly way: Way;
  /** Which number of connections was taken, and of which. */
  readonly pool: string;
  readonly side: Side<TimedLoadResult>;
  readonly #tables: PeerTables;

  private constructor(way: Way, pool: string, side: Side<TimedLoadResult>, tables: PeerTables) {
    this.way = way;
    this.pool = pool;
    this.side = side;
    this.#tables = tables;
  }

  static async prepare(stage: Stage, kind: BenchDatabaseKind, way: Way): Promise<UsualWay> {
    const { url } = await stage.database(kind);
    const tables = await PeerTables.create(url, plentyOfStock, liveHolds);
    stage.atEnd(() => tables.end());
    const serve = async (poolSize: number) => {
      const node = await stage.peer('bench/servers/usual-way-server.ts', {
        WAY: way,
        PEER_URL: url,
        POOL: String(poolSize),
      });
      return { stop: () => node.stop(), side: sideOn(node.url, tables, ways[way]) };
    };
    if (kind === 'sqlite') {
      return new UsualWay(way, 'its one connection', (await serve(1)).side, tables);
    }
    let best = { poolSize: 1, perSecond: 0 };
    const tried: string[] = [];
    for (const poolSize of poolSizes) {
      stage.say(`${ways[way]}: trying a pool of ${poolSize}`);
      const { stop, side } = await serve(poolSize);
      const { perSecond } = await loadWithoutFailure(side, poolTrialSeconds);
      await stop();
      tried.push(`${poolSize}: ${Math.round(perSecond)}/s`);
      best = perSecond > best.perSecond ? { poolSize, perSecond } : best;
    }
    const pool = `a pool of ${best.poolSize} connections, the best of ${tried.join(', ')}`;
    return new UsualWay(way, pool, (await serve(best.poolSize)).side, tables);
  }

  /** @throws Error when more is held than there is, or not what is counted: then it was no way to make holds */
  async audit(): Promise<void> {
    if (!(await this.#tables.isConsistent(this.way === 'conditional_update'))) {
      throw new Error(`${ways[this.way]} has not kept its own counts`);
    }
  }
}

function sideOn(url: string, tables: PeerTables, name: string): Side<TimedLoadResult> {
  return {
    name,
    load: async (seconds) => {
      await tables.backToBeginning();
      return counted(
        async () => {
          const result = await postHolds(url, tables.productId, connections, seconds);
          // It waits behind those that nobody waits for any more, so that they are no load on what follows.
          const client = new CheckoutClient(url, '');
          await client.hold(tables.productId);
          client.hangUp();
          return result;
        },
        () => tables.countHolds(),
        connections + 1,
      );
    },
  };
}
