import { describe, it } from 'vitest';
import { brokenPromises } from '../history/auditor.ts';
import { lies } from '../history/lies.ts';
import { describeEach, testNeeding } from '../support/needing.ts';
import { arrangements, onServer } from './arrangement.ts';
import { requestCounts } from './figures.ts';
import { runRound } from './round.ts';

/** `npm run chaos` has time for longer storms, and for a cluster, whose hosts wait long for each other. */
const stormMs = 6_000;
const short = arrangements.filter(({ name }) => name !== 'Galera');

describeEach(short)('a short storm on $name', (arrangement) => {
  it('breaks no promise, and one that was broken would be seen', async ({ expect, signal }) => {
    const told: string[] = [];
    const say = (text: string): void => void told.push(text);
    const round = await runRound(arrangement, { seed: 1, stormMs, buyersPerSecond: 20, say, stop: signal });

    expect({ ...round.broken, told }).toEqual({ ...noneBroken, told });
    // Or the storm has shown nothing.
    const { acknowledged, unknown } = requestCounts(round.history.exchanges);
    expect(acknowledged).toBeGreaterThan(50);
    expect(unknown).toBeGreaterThan(0);
    expect(round.faults.size).toBeGreaterThan(2);
    const unseen = lies.filter(({ tell, promise, isAlwaysSeen }) => {
      const untrue = tell(round.history);
      return isAlwaysSeen && untrue !== null && brokenPromises(untrue)[promise].length === 0;
    });
    expect(unseen.map((lie) => lie.name)).toEqual([]);
  });
});

describe('a database that says that a commit is durable when it is not', () => {
  const arrangement = onServer('PostgreSQL', ['synchronous_commit=off', 'wal_writer_delay=10s']);
  testNeeding(arrangement.missing)('is found out when it is killed', async ({ expect, signal }) => {
    // With this seed the database is killed twice, the first time after two seconds.
    const options = { seed: 5, stormMs, buyersPerSecond: 20, say: () => {}, stop: signal };
    const { broken, faults } = await runRound(arrangement, options);
    expect(faults.get('database killed')).toBeGreaterThan(0);
    expect(broken.lost).not.toEqual([]);
  });
});

const noneBroken = { lost: [], oversold: [], effects: [], money: [], answers: [], accounts: [] };
