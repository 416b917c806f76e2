import { isUtf8 } from 'node:buffer';
import { MIMEType } from 'node:util';
import type { FastifyRequest } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { shown } from '../field-errors.ts';
import type { Problem } from '../problem.ts';

/** A body that is refused before it is parsed. The error handler sends the problem and the headers. */
export class BodyRefusal extends Error {
  override readonly name = 'BodyRefusal';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.detail ?? problem.code);
    this.problem = problem;
    this.headers = headers;
  }
}

/**
 * Reads bodies of one media type as text in UTF-8. An empty body is undefined, and so is the body of a request without a route. Other
 * encodings are refused here, so that a signature is checked over exactly the bytes that came.
 *
 * @param type a media type, or `*` for all types without a parser
 * @param read returns the value of the body, or throws a BodyRefusal
 */
export function addTextParser(
  app: ApiServer,
  type: string,
  read: (text: string, request: FastifyRequest) => unknown,
): void {
  app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0 || request.is404) {
      done(null, undefined);
      return;
    }
    refuseCodings(request);
    // An error that this throws reaches the error handler.
    done(null, read(textOf(body, request), request));
  });
}

/** The names that a header lists, in lower case. */
function namesIn(header: string | undefined): readonly string[] {
  return header === undefined
    ? []
    : header
        .split(',')
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== '');
}

/** RFC 9110, section 12.5.3: the answer to an unsupported coding lists the supported ones. */
function refuseCodings({ headers }: FastifyRequest): void {
  const content = headers['content-encoding'];
  const transfer = headers['transfer-encoding'];
  if (content !== undefined && namesIn(content).some((name) => name !== 'identity')) {
    throw compressed('Content-Encoding', content);
  }
  // Node takes the chunks apart and leaves every other coding in the body.
  if (transfer !== undefined && namesIn(transfer).some((name) => name !== 'chunked')) {
    throw compressed('Transfer-Encoding', transfer);
  }
}

function compressed(header: string, value: string): BodyRefusal {
  const detail = `Expected a body without compression, got ${header} ${shown(value)}. Send the JSON as it is.`;
  return new BodyRefusal({ code: 'unsupported_media_type', detail }, { 'accept-encoding': 'identity' });
}

function textOf(body: Buffer, { headers }: FastifyRequest): string {
  const charset = charsetOf(headers['content-type']);
  if (charset !== null && !readsAsUtf8(body, charset)) {
    throw new BodyRefusal({
      code: 'unsupported_media_type',
      detail: `Expected UTF-8, got charset ${shown(charset)}. Send the body in UTF-8.`,
    });
  }
  if (!isUtf8(body)) {
    // A lenient decoder replaces each byte that it cannot read by U+FFFD.
    throw new BodyRefusal({ code: 'malformed_json', detail: 'The body is not UTF-8.' });
  }
  return body.toString('utf8');
}

/** The charset of a media type, or null for none and for UTF-8. */
function charsetOf(contentType = ''): string | null {
  // Nearly every request ends here, without the cost of parsing parameters.
  if (!contentType.includes(';')) {
    return null;
  }
  let charset: string | null;
  try {
    charset = new MIMEType(contentType).params.get('charset');
  } catch {
    return null;
  }
  return charset === null || /^utf-?8$/i.test(charset) ? null : charset;
}

/**
 * Whether a body is the same text in both charsets, as ASCII is in Latin-1. Some senders name the charset of their platform and write
 * ASCII.
 */
function readsAsUtf8(body: Buffer, charset: string): boolean {
  try {
    return new TextDecoder(charset).decode(body) === new TextDecoder('utf-8').decode(body);
  } catch {
    // An unknown charset.
    return false;
  }
}
