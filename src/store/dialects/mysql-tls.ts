import { isIP } from 'node:net';
import { DatabaseUrlError } from '../database-url-error.ts';
import { type ServerUrl, wordOf } from './server-url.ts';
import { assertNoTlsOnSockets } from './socket-host.ts';
import { type Certificates, readCertificates } from './tls-files.ts';

/** MySQL's own names, https://dev.mysql.com/doc/refman/en/connection-options.html */
export const mysqlUrlOptions = ['ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key'] as const;

export type MysqlTls = Certificates & {
  /** False: encrypted, and whoever answers is believed. */
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
};

/**
 * How connections are encrypted; undefined: not at all, which is the default. MySQL's own default, PREFERRED, goes on without
 * encryption when the server, or somebody on the way, says so. The driver cannot do that, and it protects from nobody.
 *
 * @throws DatabaseUrlError
 */
export function mysqlTls(url: ServerUrl): MysqlTls | undefined {
  if (url.options.get('ssl-mode') === 'PREFERRED') {
    throw new DatabaseUrlError(
      'ssl-mode: PREFERRED is not offered, as it protects from nobody: use REQUIRED or DISABLED',
    );
  }
  const mode =
    wordOf(url, 'ssl-mode', ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY']) ?? 'DISABLED';
  const verifies = mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY';
  if (url.options.has('ssl-ca') && !verifies) {
    throw new DatabaseUrlError('ssl-ca: only ssl-mode=VERIFY_CA and VERIFY_IDENTITY look at it');
  }
  if (mode === 'DISABLED') {
    if (url.options.has('ssl-cert') || url.options.has('ssl-key')) {
      throw new DatabaseUrlError('ssl-cert and ssl-key: nothing is encrypted without ssl-mode');
    }
    return undefined;
  }
  assertNoTlsOnSockets(url.hosts, 'ssl-mode');
  if (mode === 'VERIFY_CA' && !url.options.has('ssl-ca')) {
    throw new DatabaseUrlError('ssl-mode: VERIFY_CA needs ssl-ca, the file with the authority to trust');
  }
  if (mode === 'VERIFY_IDENTITY' && url.hosts.some(({ address }) => isIP(address) !== 0)) {
    throw new DatabaseUrlError(
      'ssl-mode: VERIFY_IDENTITY needs hosts by name, as the driver compares no addresses',
    );
  }
  const certificates = readCertificates(url, { ca: 'ssl-ca', cert: 'ssl-cert', key: 'ssl-key' });
  return { ...certificates, rejectUnauthorized: verifies, verifyIdentity: mode === 'VERIFY_IDENTITY' };
}
