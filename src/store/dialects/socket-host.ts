import { DatabaseUrlError } from '../database-url-error.ts';
import type { Host } from './server-url.ts';

/** How a database names its Unix sockets. */
export type SocketForm = {
  /** The option of the URL that holds the path. */
  readonly option: string;
  /** Whether the path is a folder, in which the port names the socket. */
  readonly isFolder: boolean;
};

/** The option's name in the drivers of MySQL for Node. */
export const mysqlSocket: SocketForm = { option: 'socketPath', isFolder: false };
/** The option's name in libpq. `pg` appends the same file name to the folder. */
export const postgresSocket: SocketForm = { option: 'host', isFolder: true };

/** The size of `sockaddr_un.sun_path` on Linux without its last byte. For a longer path the system's error does not name the limit. */
const pathBytesMax = 107;

/**
 * The server behind an option such as `socketPath=/run/mysqld/mysqld.sock`.
 *
 * @param before the text in the place of hosts: empty or `localhost`, with a port where the port names the socket
 * @throws DatabaseUrlError
 */
export function hostOfSocketOption(
  { option, isFolder }: SocketForm,
  path: string,
  before: string,
  port: number,
): Host {
  const expected = `nothing or localhost${isFolder ? ', with a port or without' : ' without a port'}`;
  const match = /^(?:localhost)?(?::(\d{1,5}))?$/.exec(before);
  if (match === null || (match[1] !== undefined && !isFolder)) {
    throw new DatabaseUrlError(`${option}: a socket is the only host: write ${expected} before the database`);
  }
  if (isFolder && path.includes(',')) {
    throw new DatabaseUrlError(
      `${option}: expected the folder of one socket: write several folders before the database, percent-encoded, with commas between them`,
    );
  }
  return socketHost({ option, isFolder }, path, match[1] === undefined ? port : Number(match[1]));
}

/**
 * A host that is a Unix socket.
 *
 * @throws DatabaseUrlError
 */
export function socketHost({ option, isFolder }: SocketForm, path: string, port: number): Host {
  const file = isFolder ? `${path.replace(/\/+$/, '')}/.s.PGSQL.${port}` : path;
  if (!/^\/[^\p{Cc}]+$/u.test(path) || Buffer.byteLength(file) > pathBytesMax || port < 1 || port > 65_535) {
    const expected = isFolder
      ? 'the folder of a Unix socket, such as /run/postgresql'
      : 'the path of a Unix socket';
    throw new DatabaseUrlError(
      `${option}: expected ${expected}, absolute and at most ${pathBytesMax} bytes long${isFolder ? ' with the name of the socket, and a port from 1 to 65535' : ''}`,
    );
  }
  return { address: 'localhost', port, name: file, socket: path };
}

/** @throws DatabaseUrlError where an encrypted connection would go through a socket, which never leaves this machine */
export function assertNoTlsOnSockets(hosts: readonly Host[], option: string): void {
  if (hosts.some(({ socket }) => socket !== undefined)) {
    throw new DatabaseUrlError(
      `${option}: a Unix socket is not encrypted, as it never leaves this machine: leave the option out, or name the server by its address`,
    );
  }
}
