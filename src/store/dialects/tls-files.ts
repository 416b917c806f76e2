import { readFileSync } from 'node:fs';
import { DatabaseUrlError } from '../database-url-error.ts';
import type { ServerUrl } from './server-url.ts';

/** What both drivers hand on to the platform's TLS. */
export type Certificates = {
  /** Who may have signed the server's certificate, in PEM. Not there: the authorities that Node knows. */
  readonly ca?: string;
  /** The client's own certificate and its key, in PEM. */
  readonly cert?: string;
  readonly key?: string;
};

/**
 * Reads the files that options of the URL name.
 *
 * @throws DatabaseUrlError when one cannot be read, or a certificate comes without its key
 */
export function readCertificates(
  { options }: ServerUrl,
  names: { readonly ca: string; readonly cert: string; readonly key: string },
): Certificates {
  if (options.has(names.cert) !== options.has(names.key)) {
    throw new DatabaseUrlError(`${names.cert} and ${names.key} go together`);
  }
  const read = (name: string): string | undefined => {
    const path = options.get(name);
    return path === undefined ? undefined : readPem(name, path);
  };
  const [ca, cert, key] = [read(names.ca), read(names.cert), read(names.key)];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

function readPem(name: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw new DatabaseUrlError(`${name}: the file cannot be read (${code})`);
  }
  // Node takes a text without certificates for an empty list and then trusts nobody, which would look like a wrong server.
  if (!text.includes('-----BEGIN ')) {
    throw new DatabaseUrlError(`${name}: expected a file in PEM format`);
  }
  return text;
}
