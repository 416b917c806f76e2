import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { give } from './servers.ts';

/** Paths of files in PEM. */
export type TestCertificates = {
  /** Has signed the server's certificate. */
  readonly ca: string;
  /** Has signed nothing. */
  readonly otherCa: string;
  /** For a server that is called `localhost`. */
  readonly cert: string;
  readonly key: string;
  remove(): void;
};

/** @param user whom the server runs as, who has to read its key and nobody else */
export async function makeCertificates(user: string): Promise<TestCertificates> {
  const folder = mkdtempSync(join(tmpdir(), 'flash-sale-tls-'));
  chmodSync(folder, 0o755);
  const path = (name: string): string => join(folder, name);
  const make = (name: string, commonName: string, more: readonly string[]) =>
    promisify(execFile)('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${commonName}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)],
      ...more,
    ]);
  await make('ca', 'flash sale test authority', []);
  await make('other-ca', 'another authority', []);
  await make('server', 'localhost', [
    ...['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-addext', 'subjectAltName=DNS:localhost'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
  ]);
  chmodSync(path('server.key'), 0o600);
  await give(path('server.key'), user);
  return {
    ca: path('ca.pem'),
    otherCa: path('other-ca.pem'),
    cert: path('server.pem'),
    key: path('server.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
