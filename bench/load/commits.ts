import { DatabaseSync } from 'node:sqlite';
import type { TimedLoadResult } from '../measure/load-result.ts';
import { latenciesOf } from './latencies.ts';

/** How long commits go on before other work of this process has its turn. */
const sliceMs = 50;

/**
 * Commits one row after the other into an SQLite file of its own, as durable as the service's: what the disk takes for one commit, and so
 * the least that a lone hold can take.
 *
 * @param path of a file, made when it is not there
 */
export async function commitRows(path: string, seconds: number): Promise<TimedLoadResult> {
  const database = new DatabaseSync(path);
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full');
    database.exec('create table if not exists commits (id integer primary key, at_ms integer not null)');
    const insert = database.prepare('insert into commits (at_ms) values (?)');
    const latenciesMs: number[] = [];
    const startedMs = performance.now();
    const endsMs = startedMs + 1000 * seconds;
    for (let nowMs = startedMs; nowMs < endsMs; ) {
      const pauseMs = Math.min(endsMs, nowMs + sliceMs);
      while (nowMs < pauseMs) {
        insert.run(Date.now());
        const doneMs = performance.now();
        latenciesMs.push(doneMs - nowMs);
        nowMs = doneMs;
      }
      await new Promise((resolve) => setImmediate(resolve));
      nowMs = performance.now();
    }
    return { ...latenciesOf(latenciesMs, performance.now() - startedMs), failed: 0 };
  } finally {
    database.close();
  }
}
