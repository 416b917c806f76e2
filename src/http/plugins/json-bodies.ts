import { errorCodes } from 'fastify';
import type { ApiServer } from '../api-server.ts';

/**
 * Bodies are JSON or nothing. An empty body is nothing whatever its media type, because some clients name one
 * on every request; what needs a body says so in its schema. A path that is not served says that, whatever
 * came with it.
 */
export function acceptJsonBodies(app: ApiServer): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0 || request.is404) {
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
    done(null, value);
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0 || request.is404) {
      done(null, undefined);
      return;
    }
    done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(), undefined);
  });
}
