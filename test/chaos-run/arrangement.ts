import { galeraMissing } from '../support/galera.ts';
import type { Needing } from '../support/needing.ts';
import { firstMissing } from '../support/programs.ts';
import { type ServerName, serverKinds } from '../support/servers.ts';
import type { Ends } from './ends.ts';
import { fileGround, type Ground, galeraGround, serverGround } from './ground.ts';

/** Which processes work on what. */
export type Arrangement = Needing & {
  readonly name: string;
  readonly nodes: number;
  /** The worker is a process of its own, instead of a part of each node. */
  readonly hasLoneWorker: boolean;
  /** The clock that decides is that of the nodes' hosts: then each node's is wrong by an amount of its own. */
  readonly decidesByHostClock: boolean;
  readonly prepare: (ends: Ends) => Promise<Ground>;
};

/** In the order in which they take their turns. */
export const arrangements: readonly Arrangement[] = [
  onServer('MariaDB'),
  onServer('PostgreSQL'),
  {
    name: 'Galera',
    nodes: 3,
    hasLoneWorker: false,
    decidesByHostClock: false,
    missing: galeraMissing,
    prepare: galeraGround,
  },
  {
    name: 'SQLite',
    nodes: 2,
    hasLoneWorker: false,
    decidesByHostClock: true,
    missing: null,
    prepare: fileGround,
  },
];

/** @param settings more of the server's own, each `name=value` */
export function onServer(name: ServerName, settings: readonly string[] = []): Arrangement {
  return {
    name: `${name} and Redis`,
    nodes: 2,
    hasLoneWorker: true,
    decidesByHostClock: false,
    missing: firstMissing(serverKinds[name].program, 'redis-server'),
    prepare: (ends) => serverGround(name, settings, ends),
  };
}
