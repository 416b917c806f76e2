import { DatabaseUrlError } from '../database-url-error.ts';
import { hostOfSocketOption, type SocketForm, socketHost } from './socket-host.ts';

/** One of the servers that the URL names. */
export type Host = {
  /** A name or an address, IPv6 without its brackets. */
  readonly address: string;
  readonly port: number;
  /** For the log: `address:port` with IPv6 in brackets, or the path of a socket. */
  readonly name: string;
  /** The Unix socket, in the form that the driver takes: a file, or for PostgreSQL its folder. It replaces address and port. */
  readonly socket?: string;
};

export type ServerUrl = {
  /** In the order of the URL: the first is the one to use. Never empty. */
  readonly hosts: readonly [Host, ...Host[]];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** By name, each known to the dialect. */
  readonly options: ReadonlyMap<string, string>;
};

/**
 * Takes `scheme://user:password@host:port,host:port/database?option=value` apart. The platform's URL class knows no list of hosts.
 * User, password, database and the values of options may be percent-encoded. In the place of hosts there may be a Unix socket.
 *
 * @param known the names of options that may stand behind the `?`, without those of sockets
 * @throws DatabaseUrlError
 */
export function parseServerUrl(
  url: string,
  {
    defaultPort,
    known,
    socket,
  }: { readonly defaultPort: number; readonly known: readonly string[]; readonly socket: SocketForm },
): ServerUrl {
  const [, authority = '', path = '', query = ''] =
    /^\w+:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url) ?? [];
  if (`${path}${query}`.includes('@')) {
    // What stands here may be a piece of the password: nothing of it is quoted.
    throw new DatabaseUrlError(
      'an @ behind the hosts: write / ? @ and % in a password percent-encoded (%2F %3F %40 %25)',
    );
  }
  const at = authority.lastIndexOf('@');
  const [user, password] = credentials(authority.slice(0, Math.max(at, 0)));
  const ofSockets = socket.isFolder ? [socket.option, 'port'] : [socket.option];
  const options = optionsOf(query, [...known, ...ofSockets]);
  const socketPath = options.get(socket.option);
  const before = authority.slice(at + 1);
  const [first, ...others] =
    socketPath === undefined
      ? before.split(',').map((text) => host(text, defaultPort, socket))
      : [hostOfSocketOption(socket, socketPath, before, portOption(options) ?? defaultPort)];
  if (socketPath === undefined && options.has('port')) {
    throw new DatabaseUrlError(
      'port: write it behind its host, as in db1:5433; the option goes with a socket',
    );
  }
  if (first === undefined || path === '') {
    throw new DatabaseUrlError(
      'expected the name of a database behind the hosts, as in mysql://user:password@host/database',
    );
  }
  return {
    hosts: [first, ...others],
    user,
    password,
    database: decoded(path, 'the name of the database'),
    options,
  };
}

/** The value of one option as one of several words. */
export function wordOf<const Word extends string>(
  { options }: Pick<ServerUrl, 'options'>,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = options.get(name);
  const word = words.find((candidate) => candidate === value);
  if (value !== undefined && word === undefined) {
    throw new DatabaseUrlError(`${name}: expected one of ${words.join(', ')}`);
  }
  return word;
}

function credentials(text: string): readonly [string, string] {
  const colon = text.includes(':') ? text.indexOf(':') : text.length;
  return [decoded(text.slice(0, colon), 'the user'), decoded(text.slice(colon + 1), 'the password')];
}

/** @throws DatabaseUrlError for text that is not a number; the range is checked with the host */
function portOption(options: ReadonlyMap<string, string>): number | undefined {
  const port = options.get('port');
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw new DatabaseUrlError('port: expected a port from 1 to 65535');
  }
  return port === undefined ? undefined : Number(port);
}

function host(text: string, defaultPort: number, socket: SocketForm): Host {
  const [, folder, portOfFolder] = (socket.isFolder && /^(%2F[^:]*)(?::(\d{1,5}))?$/i.exec(text)) || [];
  if (folder !== undefined) {
    return socketHost(
      socket,
      decoded(folder, 'the folder of the socket'),
      portOfFolder === undefined ? defaultPort : Number(portOfFolder),
    );
  }
  const match = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (address === undefined || port < 1 || port > 65_535) {
    throw new DatabaseUrlError(
      'expected hosts such as db1:3306,db2:3306 (IPv6 in brackets), each with a port from 1 to 65535 or none',
    );
  }
  return { address, port, name: `${match?.[1] === undefined ? address : `[${address}]`}:${port}` };
}

function optionsOf(query: string, known: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of query === '' ? [] : query.split('&')) {
    const [name = '', ...value] = part.split('=');
    if (!known.includes(name)) {
      throw new DatabaseUrlError(
        `unknown option ${JSON.stringify(name)} behind the ?, known are ${known.join(', ')}`,
      );
    }
    if (options.has(name)) {
      throw new DatabaseUrlError(`the option ${name} stands there twice`);
    }
    options.set(name, decoded(value.join('='), name));
  }
  return options;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(`${what} is not percent-encoded correctly: a % itself is written %25`);
  }
}
