import { DatabaseUrlError } from '../database-url-error.ts';
import { type ServerUrl, wordOf } from './server-url.ts';
import { assertNoTlsOnSockets } from './socket-host.ts';
import { type Certificates, readCertificates } from './tls-files.ts';

/** libpq's own names, https://www.postgresql.org/docs/current/libpq-connect.html */
export const postgresUrlOptions = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

export type PostgresTls = Certificates & {
  /** False: encrypted, and whoever answers is believed. */
  readonly rejectUnauthorized: boolean;
  /** Set where the name in the certificate does not matter. */
  readonly checkServerIdentity?: () => undefined;
};

/**
 * How connections are encrypted; false: not at all, which is the default. The modes mean what they mean in libpq, which the driver's
 * own reading of the URL does not do. libpq's `allow` and `prefer`, its default, go on without encryption when the server, or somebody
 * on the way, says so; they are refused. Files that libpq looks for in the home directory are not read.
 *
 * @throws DatabaseUrlError
 */
export function postgresTls(url: ServerUrl): PostgresTls | false {
  const given = url.options.get('sslmode');
  if (given === 'allow' || given === 'prefer') {
    throw new DatabaseUrlError(
      `sslmode: ${given} is not offered, as it protects from nobody: use require or disable`,
    );
  }
  const mode = wordOf(url, 'sslmode', ['disable', 'require', 'verify-ca', 'verify-full']) ?? 'disable';
  if (mode === 'disable') {
    if (['sslrootcert', 'sslcert', 'sslkey'].some((name) => url.options.has(name))) {
      throw new DatabaseUrlError('sslrootcert, sslcert and sslkey: nothing is encrypted without sslmode');
    }
    return false;
  }
  assertNoTlsOnSockets(url.hosts, 'sslmode');
  // As libpq has it, `require` with a root certificate is `verify-ca`.
  const trustsFile = url.options.has('sslrootcert');
  if (mode === 'verify-ca' && !trustsFile) {
    throw new DatabaseUrlError('sslmode: verify-ca needs sslrootcert, the file with the authority to trust');
  }
  const certificates = readCertificates(url, { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' });
  return {
    ...certificates,
    rejectUnauthorized: mode !== 'require' || trustsFile,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}
