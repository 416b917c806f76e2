import type { Socket } from 'node:net';
import { type ErrorCode, errorEntry } from '../error-catalogue.ts';
import { problemMediaType, problemText } from '../problem.ts';
import { answerHeaders } from './answer-headers.ts';

/**
 * Answers what never became a request: broken HTTP, headers without end, a client that takes too long.
 *
 * @param count told of the error that is answered
 */
export function createClientErrorHandler(nextRequestId: () => string, count: (code: ErrorCode) => void) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const code = clientErrorCode(error.code);
    count(code);
    socket.end(clientErrorAnswer(code, nextRequestId()));
  };
}

function clientErrorCode(code: string | undefined): ErrorCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    default:
      return 'malformed_request';
  }
}

function clientErrorAnswer(code: ErrorCode, requestId: string): string {
  const { status, title } = errorEntry(code);
  const body = problemText({ code }, requestId);
  return [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    ...Object.entries(answerHeaders).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
