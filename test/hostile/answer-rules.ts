import { errorCatalogue, errorEntry } from '../../src/http/error-catalogue.ts';
import type { ApiDescription } from '../support/api-description.ts';
import type { Body } from '../support/checkout-client.ts';
import type { WildRequest } from './wild-requests.ts';
import { mark } from './wild-texts.ts';
import type { WireAnswer } from './wire-answer.ts';
import { isOneMessage } from './wire-client.ts';

const problemFields = ['type', 'title', 'status', 'detail', 'code', 'request_id'];
export const operatorPaths = /^\/api\/v1\/admin(\/|$)/;
export const eventPaths = /^\/api\/v1\/payments\/webhook(\/|$)/;

/**
 * What is wrong with an answer, whatever was asked: a defect that it tells of, an error that is no problem document, a header that is
 * missing or that the sender has made, a page with something of the sender's in it, something done for a stranger, or an answer that the
 * API description does not know.
 */
export function faultsOf(
  sent: WildRequest,
  answer: WireAnswer,
  description: ApiDescription,
): readonly string[] {
  const faults = [...faultsOfHead(answer), ...faultsOfBody(answer, sent.request.method === 'HEAD')];
  // Where one request may be taken for several, nobody knows which of them an answer is for.
  if (faults.length > 0 || !isOneMessage(sent.request)) {
    return faults;
  }
  const path = readablePath(sent.request.target);
  const isForTheTrusted = operatorPaths.test(path) || eventPaths.test(path);
  if (isForTheTrusted && sent.proof !== 'right' && answer.status < 300 && sent.request.method !== 'OPTIONS') {
    return [`a stranger is answered ${answer.status}`];
  }
  try {
    description.check(sent.request.method, path, {
      status: answer.status,
      headers: Object.fromEntries([...answer.headers].map(([name, [value = '']]) => [name, value])),
      body: bodyOf(answer),
      text: answer.text,
    });
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function faultsOfHead({ status, headers }: WireAnswer): readonly string[] {
  const faults: string[] = [];
  if (status >= 500 && status !== 503) {
    faults.push(`status ${status}`);
  }
  for (const name of ['x-request-id', 'x-content-type-options', 'content-security-policy']) {
    if (headers.get(name)?.length !== 1) {
      faults.push(`${name}: ${headers.get(name)}`);
    }
  }
  for (const [name, values] of headers) {
    // Where a form leads back to is an address of this server, with whatever its sender has put behind it.
    const isOwnAddress = name === 'location' && values.every((value) => /^\/(?!\/)/.test(value));
    if (
      name.includes(mark) ||
      name === 'set-cookie' ||
      values.some((value) => value.includes(mark) && !isOwnAddress)
    ) {
      faults.push(`${name}: ${values}`);
    }
  }
  return faults;
}

function faultsOfBody(answer: WireAnswer, isHead: boolean): readonly string[] {
  const media = answer.headers.get('content-type')?.[0] ?? '';
  if (media.startsWith('text/html')) {
    return answer.text.includes(`<script>${mark}`) || answer.text.includes(`x onerror=${mark}`)
      ? ['a page with what was sent in it']
      : [];
  }
  if (answer.status < 400) {
    return [];
  }
  if (media !== 'application/problem+json') {
    return [`an error as ${media}`];
  }
  if (isHead) {
    return [];
  }
  const { code, status, request_id, ...others } = bodyOf(answer);
  if (!Object.hasOwn(errorCatalogue, code)) {
    return [`the code ${code}`];
  }
  const entry = errorEntry(code as keyof typeof errorCatalogue);
  const fields = Object.keys({ ...others, code, status, request_id }).toSorted();
  const isWhole = fields.join() === [...problemFields, ...entry.fields].toSorted().join();
  const isRight =
    entry.status === answer.status &&
    Number(status) === answer.status &&
    request_id === answer.headers.get('x-request-id')?.[0] &&
    String(entry.retryAfterSeconds ?? '') === (answer.headers.get('retry-after')?.[0] ?? '');
  return isWhole && isRight ? [] : [`no problem document: ${answer.status} ${answer.text}`];
}

function bodyOf({ headers, text }: WireAnswer): Body {
  const isJson = headers.get('content-type')?.[0]?.includes('json') === true && text !== '';
  return (isJson ? JSON.parse(text) : {}) as Body;
}

/** The path as the router reads it. */
function readablePath(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
