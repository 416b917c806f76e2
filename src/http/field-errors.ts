import type { FastifySchemaValidationError } from 'fastify';
import { firstUnprintable, printablePattern, withUnseenEscaped } from './printable-text.ts';
import type { FieldError } from './problem.ts';

/** More are left out: a body of 64 KiB can have thousands of unknown fields, and nobody reads on. */
const errorsMax = 20;
/** Enough to recognise a value by; the rest of it would only swell the answer. */
const shownMax = 60;

/** The part of a schema that the expectation is worded from. */
type Expectation = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  /** What the values are called, where the constraints alone would not tell it. */
  readonly title?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Expectation>>;
};

/** What the validator adds to an error when it is told to be verbose. */
type VerboseError = FastifySchemaValidationError & {
  readonly parentSchema?: Expectation;
  readonly data?: unknown;
};

/**
 * What is wrong with a part of a request, one entry for each field: what was expected, and what came.
 *
 * @param part which part it is; values of headers are never shown, because some of them are secrets
 * @param isMissing whether there was no body at all
 */
export function fieldErrors(
  errors: readonly FastifySchemaValidationError[],
  part: string | undefined,
  isMissing: boolean,
): readonly FieldError[] {
  const messages = new Map<string, string>();
  for (const error of errors as readonly VerboseError[]) {
    if (error.keyword === 'if') {
      // It only says that the errors before it are those of one branch.
      continue;
    }
    const { field, message } = fieldError(error, part, isMissing);
    if (!messages.has(field) && messages.size < errorsMax) {
      messages.set(field, message);
    }
  }
  return [...messages].map(([field, message]) => ({ field, message }));
}

function fieldError(error: VerboseError, part: string | undefined, isMissing: boolean): FieldError {
  const schema = error.parentSchema ?? {};
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'required') {
    const name = String(error.params.missingProperty);
    const expected = expectation(schema.properties?.[name] ?? {});
    return { field: join(path, name), message: `expected ${expected}, got nothing` };
  }
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty);
    const known = Object.keys(schema.properties ?? {}).join(', ');
    return {
      field: shorten(join(path, name)),
      message:
        known === '' ? 'expected no field at all, got this one' : `expected only ${known}, got this field`,
    };
  }
  if (error.keyword === 'minProperties') {
    return {
      field: 'body',
      message: `expected at least one of ${fieldList(schema.properties ?? {})}, got none`,
    };
  }
  const got = part === 'headers' ? 'something else' : isMissing ? 'nothing' : shown(error.data);
  const field = part === 'headers' ? headerName(path) : path;
  return {
    field: field === '' ? 'body' : field,
    message: `expected ${expectation(schema)}, got ${placeOf(error)}${got}`,
  };
}

/** Names the refused character of a text and its place, because the character may be invisible. */
function placeOf({ keyword, parentSchema, data }: VerboseError): string {
  const found =
    keyword === 'pattern' && parentSchema?.pattern === printablePattern && typeof data === 'string'
      ? firstUnprintable(data)
      : null;
  return found === null ? '' : `${found.character} at character ${found.position} of `;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** `idempotency-key` → `Idempotency-Key`, as people write it. */
function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** What a schema asks for, in words that end the sentence "expected …". */
export function expectation(schema: Expectation): string {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const orNull = types.includes('null') ? ' or null' : '';
  if (schema.title !== undefined) {
    return `${schema.title}${orNull}`;
  }
  if (schema.enum !== undefined) {
    return `one of ${schema.enum.filter((value) => value !== null).join(', ')}${orNull}`;
  }
  const type = types.find((candidate) => candidate !== 'null');
  switch (type) {
    case 'integer':
    case 'number':
      return `${type === 'integer' ? 'an integer' : 'a number'}${range(schema)}${orNull}`;
    case 'string':
      return `a text of ${schema.minLength ?? 0} to ${schema.maxLength} characters${orNull}`;
    case 'object':
      return schema.properties === undefined ? 'an object' : `an object with ${fieldList(schema.properties)}`;
    default:
      return 'another value';
  }
}

function fieldList(properties: Readonly<Record<string, Expectation>>): string {
  return Object.keys(properties).join(', ');
}

function range({ minimum, maximum, exclusiveMinimum }: Expectation): string {
  if (exclusiveMinimum !== undefined) {
    return ` above ${exclusiveMinimum}`;
  }
  return minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
}

/** A value that came, short enough for a message. */
export function shown(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'object' && value !== null) {
    // Not written out: nested deeply enough, that alone would overflow the stack.
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return 'a number that is too large';
  }
  return shorten(JSON.stringify(value));
}

function shorten(text: string): string {
  // Refused characters must not reverse or hide the text of the answer that shows them.
  return withUnseenEscaped(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}
