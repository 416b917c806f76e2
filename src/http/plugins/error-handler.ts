import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { StoreError } from '../../store/store-error.ts';
import { type ErrorCode, errorEntry } from '../error-catalogue.ts';
import { fieldErrors } from '../field-errors.ts';
import { invalidRequest, type Problem, sendProblem } from '../problem.ts';
import type { ServerLog } from '../server-deps.ts';
import { BodyRefusal } from './body-text.ts';
import type { AnswerUnserved } from './not-found.ts';

/**
 * Refused after the last byte, so that the connection can go on: it may be a proxy's, with requests of others
 * behind.
 */
const wholeBodyRead: ReadonlySet<ErrorCode> = new Set(['malformed_json', 'unsupported_media_type']);

/** Of the media type, which the framework looks at before it looks whether anything takes the request. */
const saidTooEarly: ReadonlySet<string> = new Set([
  'FST_ERR_ROUTE_MISSING_CONTENT_TYPE',
  'FST_ERR_CTP_INVALID_MEDIA_TYPE',
]);

/**
 * Answers what was thrown. Only the code leaves the process; a cause of 5xx is in the log under the request
 * id.
 *
 * @param answerUnserved answers what no route takes
 */
export function createErrorHandler(log: ServerLog, answerUnserved: AnswerUnserved) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    if (request.is404 && saidTooEarly.has(error.code)) {
      answerUnserved(request, reply);
      return;
    }
    const problem = problemOfError(error, request);
    if (error instanceof BodyRefusal) {
      reply.headers(error.headers);
    }
    if (errorEntry(problem.code).status >= 500) {
      const { id: request_id, method } = request;
      log.error(
        { request_id, method, route: request.routeOptions?.url, code: problem.code, err: error },
        'Request failed',
      );
    }
    if (wholeBodyRead.has(problem.code)) {
      // The framework closes the connection after every body that cannot be used, because more of it may
      // come.
      reply.removeHeader('connection');
    }
    sendProblem(reply, problem);
  };
}

/** The problem that tells of an error of the framework, of the store, or of a defect of ours. */
function problemOfError(error: FastifyError, request: Pick<FastifyRequest, 'body'>): Problem {
  if (error.validation !== undefined) {
    const isMissing = error.validationContext === 'body' && request.body === undefined;
    return invalidRequest(fieldErrors(error.validation, error.validationContext, isMissing));
  }
  if (error instanceof BodyRefusal) {
    return error.problem;
  }
  if (error instanceof StoreError) {
    return { code: error.kind === 'defect' ? 'internal_error' : 'database_unavailable' };
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'body_too_large' };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { code: 'unsupported_media_type' };
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return invalidRequest([{ field: 'id', message: 'expected an integer, got a longer text' }]);
    case 'FST_ERR_BAD_URL':
      return { code: 'malformed_request', detail: 'The percent-encoding of the path is not valid.' };
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return { code: 'malformed_request' };
    default:
      return { code: 'internal_error' };
  }
}
