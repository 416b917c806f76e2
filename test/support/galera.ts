import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { firstMissing, programPath } from './programs.ts';
import { asUser, freePort, give, installMariaDb, settingsOfMySql } from './servers.ts';
import { until } from './until.ts';

const program = programPath('mariadbd');
const provider = programPath('libgalera_smm.so');

/** The first program that this machine lacks for a cluster, or null. */
export const galeraMissing = firstMissing('mariadbd', 'libgalera_smm.so', 'rsync');

/**
 * Runs a server and prints its pid. It is told by the end of its input when the process that started it goes away, in whatever way,
 * and ends the server then.
 */
const guardScript = `exec 3<&0; "$@" 3<&- & server=$!; echo $server
  { read -r _ <&3; kill -9 $server; } & reader=$!; wait $server; kill $reader`;

type Ports = {
  readonly sql: number;
  /** Between the nodes: for the group, for changes that a node has missed, for a copy of everything. */
  readonly group: number;
  readonly changes: number;
  readonly copy: number;
};

/** One database server of the cluster, which can be killed and started again. */
export class GaleraNode {
  readonly port: number;
  readonly #ports: Ports;
  readonly #folder: string;
  readonly #groupAddress: string;
  #guard: ChildProcess | null = null;
  #pid = 0;

  constructor(folder: string, ports: Ports, groupAddress: string) {
    this.#folder = folder;
    this.#ports = ports;
    this.#groupAddress = groupAddress;
    this.port = ports.sql;
  }

  /** Makes it the first of a new cluster. */
  async found(): Promise<void> {
    await installMariaDb(program ?? '', this.#folder);
    await this.#start(['--wsrep-new-cluster']);
  }

  /** Joins the others, and waits until it has all that they have. */
  async join(): Promise<void> {
    const data = join(this.#folder, 'data');
    const isNew = !existsSync(data);
    if (isNew) {
      mkdirSync(data);
      await give(this.#folder, 'mysql');
      await give(data, 'mysql');
    }
    // After a crash its place in the cluster's history has to be read from its data, as the package's service does; else it would ask
    // for a copy of everything, which stops the node that gives it.
    await this.#start(isNew ? [] : await this.#recovered());
  }

  async kill(): Promise<void> {
    const gone = new Promise((done) => this.#guard?.once('exit', done));
    process.kill(this.#pid, 'SIGKILL');
    await gone;
  }

  /** Stops it where it is. The others go on without it when they have heard nothing of it for some seconds. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  /** Its own view of a status variable, such as `wsrep_local_state_comment`. */
  async status(name: string): Promise<string> {
    const [row] = await this.query(`show global status like '${name}'`);
    return String(row?.Value);
  }

  /** Whether it has all that the others have, by its own view; false too when it says nothing. */
  async isSynced(): Promise<boolean> {
    return (await this.status('wsrep_local_state_comment').catch(() => '')) === 'Synced';
  }

  /** Past the service, on a connection of its own. */
  async query(sql: string, database?: string): Promise<readonly RowDataPacket[]> {
    const connection = await createConnection({
      host: '127.0.0.1',
      port: this.port,
      user: 'root',
      ...(database === undefined ? {} : { database }),
    });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      return rows;
    } finally {
      await connection.end();
    }
  }

  /** Ends it for good. Its guard ends it when this process is gone without having called this. */
  async remove(): Promise<void> {
    if (this.#guard !== null && this.#guard.exitCode === null) {
      await this.kill();
    }
  }

  async #start(args: readonly string[]): Promise<void> {
    const server = [...this.#settings(), ...args];
    const guard = spawn('sh', ['-c', guardScript, 'guard', program ?? '', ...server], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
    });
    this.#guard = guard;
    this.#pid = await new Promise((told) => guard.stdout.once('data', (text) => told(Number(text))));
    await until(async () => {
      if (guard.exitCode !== null) {
        const log = join(this.#folder, 'server.log');
        throw new Error(`a node ended: ${existsSync(log) ? readFileSync(log, 'utf8').slice(-3_000) : ''}`);
      }
      return this.isSynced();
    });
  }

  async #recovered(): Promise<readonly string[]> {
    const log = join(this.#folder, 'recovered.log');
    rmSync(log, { force: true });
    await promisify(execFile)(program ?? '', [...this.#settings(), `--log-error=${log}`, '--wsrep-recover']);
    const position = /Recovered position:? (\S+)/.exec(readFileSync(log, 'utf8'))?.[1];
    return position === undefined ? [] : [`--wsrep-start-position=${position}`];
  }

  #settings(): readonly string[] {
    const { sql, group, changes, copy } = this.#ports;
    const options = [
      `base_port=${group}`,
      `gmcast.listen_addr=tcp://127.0.0.1:${group}`,
      `ist.recv_addr=127.0.0.1:${changes}`,
      'gcache.size=32M',
    ];
    return [
      ...settingsOfMySql(this.#folder, sql),
      '--innodb-log-file-size=16M',
      '--binlog-format=ROW',
      '--innodb-autoinc-lock-mode=2',
      '--wsrep-on=ON',
      `--wsrep-provider=${provider}`,
      '--wsrep-cluster-name=flash_sale_test',
      `--wsrep-cluster-address=gcomm://${this.#groupAddress}`,
      `--wsrep-node-name=node${sql}`,
      `--wsrep-node-address=127.0.0.1:${group}`,
      `--wsrep-node-incoming-address=127.0.0.1:${sql}`,
      '--wsrep-sst-method=rsync',
      `--wsrep-sst-receive-address=127.0.0.1:${copy}`,
      '--wsrep-slave-threads=2',
      `--wsrep-provider-options=${options.join(';')}`,
      ...asUser('mysql'),
    ];
  }
}

/** Three nodes on the loopback address, thrown away with their data. */
export class GaleraCluster {
  readonly nodes: readonly [GaleraNode, GaleraNode, GaleraNode];
  readonly #folder: string;

  constructor(nodes: readonly [GaleraNode, GaleraNode, GaleraNode], folder: string) {
    this.nodes = nodes;
    this.#folder = folder;
  }

  /** All three hosts, one of them first. */
  url(firstIndex: number, database: string): string {
    const hosts = this.nodes.map((_, index) => this.nodes[(firstIndex + index) % 3]?.port);
    return `mysql://root@${hosts.map((port) => `127.0.0.1:${port}`).join(',')}/${database}`;
  }

  /** Resolves when each node has found the other two and has all that they have. */
  async untilWhole(): Promise<void> {
    for (const node of this.nodes) {
      await until(
        async () =>
          (await node.isSynced()) && (await node.status('wsrep_cluster_size').catch(() => '')) === '3',
        50,
      );
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export async function startGalera(): Promise<GaleraCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-galera-'));
  await give(folder, 'mysql');
  const ports = [await freePorts(), await freePorts(), await freePorts()] as const;
  const groupAddress = ports.map(({ group }) => `127.0.0.1:${group}`).join(',');
  const node = (index: 0 | 1 | 2): GaleraNode => {
    const own = join(folder, `node${index}`);
    mkdirSync(own);
    return new GaleraNode(own, ports[index], groupAddress);
  };
  const cluster = new GaleraCluster([node(0), node(1), node(2)], folder);
  try {
    const [first, ...others] = cluster.nodes;
    await first.found();
    // Each from another node: one that gives a copy stands still meanwhile, and gives one at a time.
    for (const other of others) {
      await other.join();
    }
    return cluster;
  } catch (error) {
    await cluster.remove();
    throw error;
  }
}

async function freePorts(): Promise<Ports> {
  return {
    sql: await freePort(),
    group: await freePort(),
    changes: await freePort(),
    copy: await freePort(),
  };
}
