import { describe, expect, it } from 'vitest';
import { DatabaseUrlError } from '../database-url-error.ts';
import { parseServerUrl } from './server-url.ts';
import { mysqlSocket, postgresSocket } from './socket-host.ts';

const known = ['ssl-mode', 'ssl-ca'];
const parse = (url: string) => parseServerUrl(url, { defaultPort: 3306, known, socket: mysqlSocket });
const parsePostgres = (url: string) =>
  parseServerUrl(url, { defaultPort: 5432, known: ['sslmode'], socket: postgresSocket });

describe('the URL of a server', () => {
  it.each([
    ['mysql://u:p@db/sale', ['db:3306']],
    ['mariadb://u:p@db:3307/sale', ['db:3307']],
    ['mysql://u:p@h1:1,h2,h3.example.org:65535/sale', ['h1:1', 'h2:3306', 'h3.example.org:65535']],
    ['mysql://u:p@127.0.0.1,10.0.0.2:3307/sale', ['127.0.0.1:3306', '10.0.0.2:3307']],
    ['mysql://u:p@[::1],[fe80::2]:3307,db_3/sale', ['[::1]:3306', '[fe80::2]:3307', 'db_3:3306']],
    ['mysql://db/sale', ['db:3306']],
  ])('%s names hosts in order', (url, names) => {
    expect(parse(url).hosts.map(({ name }) => name)).toEqual(names);
  });

  it('gives addresses of IPv6 without brackets', () => {
    expect(parse('mysql://[::1]:3307/sale').hosts).toEqual([
      { address: '::1', port: 3307, name: '[::1]:3307' },
    ]);
  });

  it.each([
    ['mysql://u:p@h/sale', ['u', 'p', 'sale']],
    ['mysql://u@h/sale', ['u', '', 'sale']],
    ['mysql://h/sale', ['', '', 'sale']],
    ['mysql://u:p%40ss%2Fw%3Ard%25@h/my%20sale', ['u', 'p@ss/w:rd%', 'my sale']],
    ['mysql://u%3A1:a:b@c@h/sale', ['u:1', 'a:b@c', 'sale']],
    ['mysql://u:p#,[x]@h,h2/sale', ['u', 'p#,[x]', 'sale']],
    ['mysql://%C3%BC:%E2%82%AC@h/sale', ['ü', '€', 'sale']],
  ])('%s names user, password and database', (url, expected) => {
    const { user, password, database } = parse(url);
    expect([user, password, database]).toEqual(expected);
  });

  it.each([
    ['mysql://h/sale', {}],
    ['mysql://h/sale?', {}],
    ['mysql://h/sale?ssl-mode=REQUIRED', { 'ssl-mode': 'REQUIRED' }],
    [
      'mysql://h/sale?ssl-ca=/etc/a%20b+c=d.pem&ssl-mode=VERIFY_CA',
      { 'ssl-ca': '/etc/a b+c=d.pem', 'ssl-mode': 'VERIFY_CA' },
    ],
  ])('%s names options', (url, expected) => {
    expect(Object.fromEntries(parse(url).options)).toEqual(expected);
  });

  it.each([
    ['mysql://', /hosts such as/],
    ['mysql:///sale', /hosts such as/],
    ['mysql://h', /name of a database/],
    ['mysql://h/', /name of a database/],
    ['mysql://h1,,h2/sale', /hosts such as/],
    ['mysql://h1, h2/sale', /hosts such as/],
    ['mysql://h:0/sale', /hosts such as/],
    ['mysql://h:65536/sale', /hosts such as/],
    ['mysql://h:x/sale', /hosts such as/],
    ['mysql://::1/sale', /hosts such as/],
    ['mysql://[::1/sale', /hosts such as/],
    ['mysql://u:50%@h/sale', /the password is not percent-encoded/],
    ['mysql://u:p@h/sale?ssl-ca=%zz', /ssl-ca is not percent-encoded/],
    [
      'mysql://h/sale?ssl=true',
      /unknown option "ssl" behind the \?, known are ssl-mode, ssl-ca, socketPath$/,
    ],
    ['mysql://h/sale?ssl-mode=REQUIRED&ssl-mode=DISABLED', /ssl-mode stands there twice/],
  ])('%s is refused', (url, message) => {
    expect(() => parse(url)).toThrow(DatabaseUrlError);
    expect(() => parse(url)).toThrow(message);
  });

  it.each([
    'mysql://u:hunter2/hunter2@h/sale',
    'mysql://u:1/hunter2?hunter2@h/sale',
    'mysql://u:1?hunter2=hunter2@h/sale',
    'mysql://u:hunter2%@h/sale',
    'mysql://u:hunter2,x@h:hunter2/sale',
    'mysql://hunter2%:x@h/sale',
  ])('%s is refused without a word of the password', (url) => {
    expect(() => parse(url)).toThrow(DatabaseUrlError);
    expect(() => parse(url)).not.toThrow('hunter2');
  });
});

describe('the URL of a Unix socket', () => {
  const file = '/run/mysqld/mysqld.sock';
  it.each([
    `mysql://shop@localhost/sale?socketPath=${file}`,
    `mariadb://shop@/sale?socketPath=${file}`,
    `mysql://shop@localhost/sale?ssl-mode=DISABLED&socketPath=${encodeURIComponent(file)}`,
  ])('names the file for MySQL and MariaDB: %s', (url) => {
    expect(parse(url)).toMatchObject({
      user: 'shop',
      database: 'sale',
      hosts: [{ name: file, socket: file }],
    });
  });

  it.each([
    ['postgres://shop@/sale?host=/run/postgresql', '/run/postgresql', 5432],
    ['postgres://shop@localhost/sale?host=%2Frun%2Fpostgresql', '/run/postgresql', 5432],
    ['postgres://shop@/sale?host=/run/postgresql&port=5433', '/run/postgresql', 5433],
    ['postgres://shop@:5433/sale?host=/run/postgresql', '/run/postgresql', 5433],
    ['postgres://shop@%2Frun%2Fpostgresql/sale', '/run/postgresql', 5432],
    ['postgresql://shop:p%40ss@%2frun%2fpostgresql:5433/sale', '/run/postgresql', 5433],
  ])('names the folder for PostgreSQL, and the port names the file: %s', (url, folder, port) => {
    expect(parsePostgres(url)).toMatchObject({
      user: 'shop',
      database: 'sale',
      hosts: [{ name: `${folder}/.s.PGSQL.${port}`, socket: folder, port }],
    });
  });

  it('may stand beside other hosts with PostgreSQL', () => {
    const { hosts } = parsePostgres('postgres://shop@%2Frun%2Fa,%2Frun%2Fb:5433,db3/sale');
    expect(hosts.map(({ name }) => name)).toEqual([
      '/run/a/.s.PGSQL.5432',
      '/run/b/.s.PGSQL.5433',
      'db3:5432',
    ]);
  });

  it.each([
    [
      'mysql://db/sale?socketPath=/a.sock',
      /^socketPath: a socket is the only host: write nothing or localhost without a port/,
    ],
    ['mysql://localhost:3306/sale?socketPath=/a.sock', /^socketPath: a socket is the only host/],
    ['mysql://localhost,db2/sale?socketPath=/a.sock', /^socketPath: a socket is the only host/],
    ['mysql://localhost/sale?socketPath=a.sock', /^socketPath: expected the path of a Unix socket/],
    ['mysql://localhost/sale?socketPath=', /^socketPath: expected the path of a Unix socket/],
    ['mysql://localhost/sale?socketPath=/a%00b', /^socketPath: expected the path of a Unix socket/],
    [`mysql://localhost/sale?socketPath=/${'a'.repeat(107)}`, /at most 107 bytes/],
    ['mysql://localhost/?socketPath=/a.sock', /name of a database/],
    ['mysql://localhost/sale?host=/run/postgresql', /^unknown option "host"/],
    ['mysql://%2Frun%2Fmysqld/sale', /hosts such as/],
  ])('is refused: %s', (url, message) => {
    expect(() => parse(url)).toThrow(DatabaseUrlError);
    expect(() => parse(url)).toThrow(message);
  });

  it.each([
    [
      'postgres://db/sale?host=/run/postgresql',
      /^host: a socket is the only host: write nothing or localhost/,
    ],
    ['postgres:///sale?host=db1', /^host: expected the folder of a Unix socket, such as \/run\/postgresql/],
    ['postgres:///sale?host=/run/a,/run/b', /^host: expected the folder of one socket/],
    ['postgres:///sale?host=/run/postgresql&port=x', /^port: expected a port from 1 to 65535$/],
    ['postgres:///sale?host=/run/postgresql&port=65536', /a port from 1 to 65535$/],
    ['postgres://db/sale?port=5433', /^port: write it behind its host/],
    ['postgres:///sale?socketPath=/a.sock', /^unknown option "socketPath"/],
    ['postgres://%2Frun%2Fpostgresql%/sale', /not percent-encoded correctly/],
    [`postgres:///sale?host=/${'a'.repeat(95)}`, /at most 107 bytes/],
  ])('is refused: %s', (url, message) => {
    expect(() => parsePostgres(url)).toThrow(DatabaseUrlError);
    expect(() => parsePostgres(url)).toThrow(message);
  });
});
