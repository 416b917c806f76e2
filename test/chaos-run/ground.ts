import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CutLine } from '../support/cut-line.ts';
import { type GaleraNode, startGalera } from '../support/galera.ts';
import { createDatabase } from '../support/new-database.ts';
import { OwnServer } from '../support/own-server.ts';
import { RedisServer } from '../support/redis.ts';
import { freePort, type ServerName } from '../support/servers.ts';
import type { Ends } from './ends.ts';
import { type Fault, frozen, killed, type Line, type Victim } from './fault.ts';
import { SmallDisk } from './small-disk.ts';

/** What the nodes of a round stand on, and what may happen to it. */
export type Ground = {
  /** For the node with this index. */
  databaseUrl(node: number): string;
  /** Variables that every process gets. */
  readonly variables: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
  /** The ways from the nodes to it. */
  readonly lines: readonly Line[];
  /** What could not be had here, in words. */
  readonly leftOut: readonly string[];
};

/**
 * A server, which the nodes reach over a line, and Redis beside it.
 *
 * @param settings more of the server's own, each `name=value`
 */
export async function serverGround(
  name: ServerName,
  settings: readonly string[],
  ends: Ends,
): Promise<Ground> {
  const server = await OwnServer.start(name, settings);
  ends.add(() => server.end());
  const { url } = await createDatabase(name, server.url);
  const line = await CutLine.to(server.url, ends.add);
  const redis = await startRedis(ends);
  const victim: Victim = {
    kind: 'database',
    name,
    kill: () => server.kill(),
    restart: () => server.restart(),
    freeze: () => server.freeze(),
    thaw: async () => server.thaw(),
  };
  return {
    databaseUrl: () => Object.assign(new URL(url), { port: line.port }).href,
    variables: redis.variables,
    faults: [killed(victim), killed(victim), frozen(victim), ...redis.faults],
    lines: [{ name: `the line to ${name}`, scissors: line }, redis.line],
    leftOut: [],
  };
}

/**
 * How long a host of a cluster is gone. The others wait 5 s for it and write nothing until then; when it comes back before that, they wait
 * twice as long, and a storm would hardly see a commit.
 */
const hostAwayMs = [7_000, 10_000] as const;

/** A host for each node that prefers it. */
export async function galeraGround(ends: Ends): Promise<Ground> {
  const cluster = await startGalera();
  ends.add(() => cluster.remove());
  const database = 'chaos';
  await cluster.nodes[0].query(`create database ${database}`);
  const lines = await Promise.all(
    cluster.nodes.map((host) => CutLine.to(`http://127.0.0.1:${host.port}`, ends.add)),
  );
  const victimOf = (host: GaleraNode, index: number): Victim => ({
    kind: 'database',
    name: `Galera host ${index + 1}`,
    kill: () => host.kill(),
    // Two of three at a time would leave none that may go on.
    restart: async () => {
      await host.join();
      await cluster.untilWhole();
    },
    freeze: async () => host.freeze(),
    thaw: async () => {
      host.thaw();
      await cluster.untilWhole();
    },
  });
  return {
    databaseUrl: (node) =>
      cluster.nodes.reduce(
        (url, host, index) => url.replace(`:${host.port}`, `:${lines[index]?.port}`),
        cluster.url(node % 3, database),
      ),
    variables: {},
    faults: cluster.nodes.map(victimOf).flatMap((victim) => [killed(victim, hostAwayMs), frozen(victim)]),
    lines: lines.map((scissors, index) => ({ name: `the line to Galera host ${index + 1}`, scissors })),
    leftOut: [],
  };
}

/** One file for all processes, on a disk that gets full. */
export async function fileGround(ends: Ends): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-chaos-'));
  ends.add(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }));
  const disk = SmallDisk.mount(folder, ends);
  return {
    databaseUrl: () => `sqlite:${join(disk.folder, 'flash-sale.db')}`,
    variables: {},
    faults: disk.full === null ? [] : [disk.full],
    lines: [],
    leftOut: disk.full === null ? ['the disk was never full: this user may mount none that is small'] : [],
  };
}

async function startRedis(ends: Ends) {
  const redis = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'flash-sale-redis-')));
  ends.add(() => redis.remove());
  await redis.start();
  const line = await CutLine.to(redis.url, ends.add);
  const victim: Victim = {
    kind: 'Redis',
    name: 'Redis',
    kill: () => redis.kill(),
    restart: () => redis.start(),
    freeze: async () => redis.freeze(),
    thaw: async () => redis.thaw(),
  };
  return {
    variables: { REDIS_URL: `redis://127.0.0.1:${line.port}` },
    faults: [killed(victim), frozen(victim)],
    line: { name: 'the line to Redis', scissors: line },
  };
}
