import type { FastifyRequest, preValidationHookHandler } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { shown } from '../field-errors.ts';
import { sendProblem } from '../problem.ts';
import type { VerifySignature } from '../server-deps.ts';
import { addTextParser, BodyRefusal } from './body-text.ts';

/**
 * Bodies are JSON or nothing. An empty body is nothing whatever its media type, because some clients name one
 * on every request; what needs a body says so in its schema. A path that is not served says that, whatever
 * came with it.
 */
export function acceptJsonBodies(app: ApiServer): void {
  app.removeAllContentTypeParsers();
  addTextParser(app, 'application/json', (text, request) => {
    const verify = request.routeOptions.config.verify;
    if (verify !== undefined && !isVerified(verify, request, text)) {
      return undefined;
    }
    return withKey(parsed(text), request);
  });
  addTextParser(app, '*', (_text, { headers }) => {
    throw new BodyRefusal({
      code: 'unsupported_media_type',
      detail: `Expected Content-Type application/json, got ${shown(headers['content-type'])}.`,
    });
  });
}

/** RFC 8259, section 8.1: a parser may ignore one byte-order mark in front of the text. Some editors and shells write it. */
const byteOrderMark = '\u{feff}';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
  } catch {
    throw new BodyRefusal({ code: 'malformed_json' });
  }
}

/** Requests whose signature was right. Nothing of the others is parsed, not even to say what is wrong with it. */
const verified = new WeakSet<FastifyRequest>();

function isVerified(verify: VerifySignature, request: FastifyRequest, rawBody: string): boolean {
  if (verify(rawBody, request.headers)) {
    verified.add(request);
    return true;
  }
  return false;
}

/** Stands before the validation of a route with `verify`: strangers learn nothing of its schema. */
export const refuseUnverified: preValidationHookHandler = (request, reply, done) => {
  if (verified.has(request)) {
    done();
  } else {
    sendProblem(reply, { code: 'invalid_signature' });
  }
};

/** The id that the sender signed is the key of an event whose body has none. */
function withKey(value: unknown, request: FastifyRequest): unknown {
  const { signedId } = request.routeOptions.config;
  const isEvent = typeof value === 'object' && value !== null && !Array.isArray(value);
  return signedId !== undefined && isEvent && !('idempotency_key' in value)
    ? { ...value, idempotency_key: request.headers[signedId] }
    : value;
}
