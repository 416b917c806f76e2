import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SqlDialect } from '../../src/store/dialects/dialect.ts';
import { mysqlDialect } from '../../src/store/dialects/mysql.ts';
import { postgresDialect } from '../../src/store/dialects/postgres.ts';
import { openStore } from '../../src/store/open-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import { makeCertificates, type TestCertificates } from '../support/certificates.ts';
import { createOnServer, ownServerUrl } from '../support/database-on-server.ts';
import { describeNeeding } from '../support/needing.ts';
import { firstMissing } from '../support/programs.ts';
import { missingFor, serverKinds } from '../support/servers.ts';
import { kindOfError } from '../support/store-rows.ts';

type TlsServer = {
  readonly name: 'MariaDB' | 'PostgreSQL';
  readonly user: string;
  readonly database: string;
  readonly with: (certificates: TestCertificates) => readonly string[];
  readonly without: readonly string[];
  readonly dialect: (url: string) => SqlDialect;
  /** What the server says of the connection that asks: empty or false when it is not encrypted. */
  readonly asked: string;
  /** The options of the URL for each level of safety. */
  readonly encrypted: string;
  readonly signedBy: (ca: string) => string;
  /** Others that say the same. */
  readonly signedByToo: (ca: string) => readonly string[];
  readonly signedFor: (ca: string) => string;
};

const kinds: readonly TlsServer[] = [
  {
    name: 'MariaDB',
    user: 'mysql',
    database: 'mysql',
    with: ({ cert, key }) => [`ssl-cert=${cert}`, `ssl-key=${key}`],
    without: ['skip-ssl'],
    dialect: (url) => mysqlDialect(url, Date.now, noObserver),
    asked: `select variable_value as said from information_schema.session_status where variable_name = 'Ssl_cipher'`,
    encrypted: 'ssl-mode=REQUIRED',
    signedBy: (ca) => `ssl-mode=VERIFY_CA&ssl-ca=${encodeURIComponent(ca)}`,
    signedByToo: () => [],
    signedFor: (ca) => `ssl-mode=VERIFY_IDENTITY&ssl-ca=${encodeURIComponent(ca)}`,
  },
  {
    name: 'PostgreSQL',
    user: 'postgres',
    database: 'postgres',
    with: ({ cert, key }) => ['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`],
    without: ['ssl=off'],
    dialect: (url) => postgresDialect(url, Date.now, noObserver),
    asked: 'select case when ssl then cipher end as said from pg_stat_ssl where pid = pg_backend_pid()',
    encrypted: 'sslmode=require',
    signedBy: (ca) => `sslmode=verify-ca&sslrootcert=${encodeURIComponent(ca)}`,
    // As libpq has it.
    signedByToo: (ca) => [`sslmode=require&sslrootcert=${encodeURIComponent(ca)}`],
    signedFor: (ca) => `sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`,
  },
];

for (const kind of kinds) {
  // A server that a variable names takes no certificates from here.
  const missing = firstMissing(serverKinds[kind.name].program, 'openssl');
  describeNeeding(missing)(`TLS to ${kind.name}`, () => {
    let certificates: TestCertificates;
    let server: string;
    let serverWithout: string;

    beforeAll(async () => {
      certificates = await makeCertificates(kind.user);
      [server, serverWithout] = await Promise.all([
        ownServerUrl(kind.name, kind.with(certificates)),
        ownServerUrl(kind.name, kind.without),
      ]);
    });
    afterAll(() => certificates?.remove());

    /** The cipher of a connection, or why there is none. */
    async function connected(url: string, options: string, host = 'localhost'): Promise<string> {
      const dialect = kind.dialect(`${url.replace('127.0.0.1', host)}/${kind.database}?${options}`);
      onTestFinished(() => dialect.close());
      try {
        const { rows } = await sql.raw<{ said: string | null }>(kind.asked).execute(dialect.reader);
        return rows[0]?.said ?? '';
      } catch (error) {
        return `${await kindOfError(Promise.reject(error))}: ${String(error)}`;
      }
    }

    it('encrypts when it is told to, and not otherwise', async () => {
      expect(await connected(server, kind.encrypted)).toMatch(/^TLS_/);
      expect(await connected(server, '')).toBe('');
    });

    it('fails when the server cannot encrypt', async () => {
      expect(await connected(serverWithout, '')).toBe('');
      expect(await connected(serverWithout, kind.encrypted)).toMatch(/^unavailable: .*(SSL|secure)/);
    });

    it('trusts the authority that is named and no other one', async () => {
      const optionsFor = (ca: string) => [kind.signedBy(ca), ...kind.signedByToo(ca)];
      for (const options of optionsFor(certificates.ca)) {
        expect(await connected(server, options)).toMatch(/^TLS_/);
      }
      for (const options of optionsFor(certificates.otherCa)) {
        expect(await connected(server, options)).toMatch(/^unavailable: .*(certificate|issuer)/);
      }
    });

    it('compares the name of the server when it is told to', async () => {
      // Another name of the loopback address, which is not in the certificate.
      expect(await connected(server, kind.signedBy(certificates.ca), '127.1')).toMatch(/^TLS_/);
      expect(await connected(server, kind.signedFor(certificates.ca))).toMatch(/^TLS_/);
      expect(await connected(server, kind.signedFor(certificates.ca), '127.1')).toMatch(
        /^unavailable: .*altnames/,
      );
    });
  });
}

describeNeeding(missingFor('MySQL'))('TLS to MySQL', () => {
  it('encrypts with the certificate that the server made for itself', async () => {
    const { url, drop } = await createOnServer('MySQL');
    onTestFinished(drop);
    const dialect = mysqlDialect(`${url}?ssl-mode=REQUIRED`, Date.now, noObserver);
    onTestFinished(() => dialect.close());
    const { rows } = await sql
      .raw<{ Value: string }>(`show session status like 'Ssl_cipher'`)
      .execute(dialect.reader);
    expect(rows[0]?.Value).toMatch(/^TLS_/);
  });
});

describe('TLS options', () => {
  it.each([
    ['mysql://h/d?ssl-mode=PREFERRED', /^ssl-mode: PREFERRED is not offered/],
    [
      'mysql://h/d?ssl-mode=required',
      /^ssl-mode: expected one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY$/,
    ],
    ['mysql://h/d?ssl-mode=VERIFY_CA', /^ssl-mode: VERIFY_CA needs ssl-ca/],
    ['mysql://h/d?ssl-ca=/ca.pem', /^ssl-ca: only/],
    ['mysql://h/d?ssl-mode=REQUIRED&ssl-ca=/ca.pem', /^ssl-ca: only/],
    ['mysql://h/d?ssl-mode=VERIFY_CA&ssl-ca=/no/such.pem', /^ssl-ca: the file cannot be read \(ENOENT\)$/],
    ['mysql://h/d?ssl-mode=VERIFY_CA&ssl-ca=package.json', /^ssl-ca: expected a file in PEM format$/],
    ['mysql://h/d?ssl-mode=REQUIRED&ssl-cert=/c.pem', /^ssl-cert and ssl-key go together$/],
    ['mysql://h/d?ssl-cert=/c.pem&ssl-key=/k.pem', /^ssl-cert and ssl-key: nothing is encrypted/],
    ['mysql://10.0.0.1/d?ssl-mode=VERIFY_IDENTITY', /^ssl-mode: VERIFY_IDENTITY needs hosts by name/],
    [
      'mysql://h/d?sslmode=require',
      /^unknown option "sslmode" .* known are ssl-mode, ssl-ca, ssl-cert, ssl-key, socketPath$/,
    ],
    ['postgres://h/d?sslmode=prefer', /^sslmode: prefer is not offered/],
    ['postgres://h/d?sslmode=allow', /^sslmode: allow is not offered/],
    [
      'postgres://h/d?sslmode=no-verify',
      /^sslmode: expected one of disable, require, verify-ca, verify-full$/,
    ],
    ['postgres://h/d?sslmode=verify-ca', /^sslmode: verify-ca needs sslrootcert/],
    ['postgres://h/d?sslrootcert=/ca.pem', /^sslrootcert, sslcert and sslkey: nothing is encrypted/],
    [
      'postgres://h/d?sslmode=require&sslrootcert=/no/such',
      /^sslrootcert: the file cannot be read \(ENOENT\)$/,
    ],
    ['mysql://localhost/d?socketPath=/a.sock&ssl-mode=REQUIRED', /^ssl-mode: a Unix socket is not encrypted/],
    ['postgres:///d?host=/run/postgresql&sslmode=require', /^sslmode: a Unix socket is not encrypted/],
    ['postgres://%2Frun%2Fpostgresql,db2/d?sslmode=verify-full', /^sslmode: a Unix socket is not encrypted/],
    ['postgres://h/d?application_name=x', /known are sslmode, sslrootcert, sslcert, sslkey, host, port$/],
  ])('%s is refused at the start', (url, message) => {
    expect(() => openStore(url)).toThrow(message);
  });
});
