import type { FastifyRequest, preValidationHookHandler } from 'fastify';
import { errorCodes } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';
import type { VerifySignature } from '../server-deps.ts';

/**
 * Bodies are JSON or nothing. An empty body is nothing whatever its media type, because some clients name one
 * on every request; what needs a body says so in its schema. A path that is not served says that, whatever
 * came with it.
 */
export function acceptJsonBodies(app: ApiServer): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const verify = request.routeOptions.config.verify;
    if (body.length === 0 || request.is404 || (verify !== undefined && !isVerified(verify, request, body))) {
      done(null, undefined);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(body as string);
    } catch {
      done(new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY(), undefined);
      return;
    }
    done(null, withKey(value, request));
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0 || request.is404) {
      done(null, undefined);
      return;
    }
    done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(), undefined);
  });
}

/** Requests whose signature was right. Nothing of the others is parsed, not even to say what is wrong with it. */
const verified = new WeakSet<FastifyRequest>();

function isVerified(verify: VerifySignature, request: FastifyRequest, body: string | Buffer): boolean {
  if (verify(String(body), request.headers)) {
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
