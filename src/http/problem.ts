import { type ErrorCode, errorCodes, errorEntry } from './error-catalogue.ts';

/** The page that `type` leads to has an anchor for each code. */
export const errorPagePath = '/api/docs/errors';
export const problemMediaType = 'application/problem+json';

export type Problem = {
  readonly code: ErrorCode;
  /** What happened in this case. Without it, what the code says in general. */
  readonly detail?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
};

/** What sending needs of a reply, whatever its route answers otherwise. */
type ProblemReply = {
  readonly request: { readonly id: string };
  /** Told to whoever counts errors. */
  problemCode?: ErrorCode | null;
  code(status: number): unknown;
  header(name: string, value: string | number): unknown;
  serializer(serialize: (payload: string) => string): unknown;
  /** The types of a route speak of its success only, so what it may send is not known here. */
  send(payload: never): unknown;
};

/**
 * An error without a detail of its own is written often and always the same, so all but the request id is
 * made beforehand.
 */
const textByCode = new Map(
  errorCodes.map((code) => {
    const { status, title, when } = errorEntry(code);
    const opening = `{"type":"${errorPagePath}#${code}","title":${JSON.stringify(title)},"status":${status},"detail":`;
    return [code, { opening, detail: JSON.stringify(plainText(when)) }] as const;
  }),
);

function plainText(markdown: string): string {
  return markdown.replaceAll('`', '');
}

/** The body of RFC 9457. `requestId` is one of ours, so it needs no escaping. */
export function problemText({ code, detail, fields }: Problem, requestId: string): string {
  const text = textByCode.get(code);
  const shown = detail === undefined ? text?.detail : JSON.stringify(detail);
  const common = `${text?.opening}${shown},"code":"${code}","request_id":"${requestId}"`;
  return fields === undefined ? `${common}}` : `${common},${JSON.stringify(fields).slice(1)}`;
}

const alreadyText = (payload: string) => payload;

/** Answers with an error of the catalogue. */
export function sendProblem(reply: ProblemReply, problem: Problem): void {
  const { status, retryAfterSeconds } = errorEntry(problem.code);
  reply.code(status);
  reply.problemCode = problem.code;
  // A serializer of its own keeps the framework from adding a charset, which this media type does not have.
  reply.header('content-type', problemMediaType);
  reply.serializer(alreadyText);
  if (retryAfterSeconds !== undefined) {
    reply.header('retry-after', retryAfterSeconds);
  }
  reply.send(problemText(problem, reply.request.id) as never);
}

export type FieldError = {
  readonly field: string;
  /** "expected …, got …" */
  readonly message: string;
};

export function invalidRequest(errors: readonly FieldError[]): Problem {
  const first = errors[0];
  const others = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return {
    code: 'invalid_request',
    detail: first === undefined ? 'The request is not valid.' : `${first.field}: ${first.message}${others}`,
    fields: { errors },
  };
}
