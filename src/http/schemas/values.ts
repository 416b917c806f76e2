import { printablePattern } from '../printable-text.ts';
import { type Static, type TObjectOptions, type TProperties, type TSchema, Type } from './type.ts';

/** Every JSON number up to here is exact. */
const idMax = Number.MAX_SAFE_INTEGER;

export const id = Type.Integer({ minimum: 1, maximum: idMax });

/** Printable ASCII: what a header can carry unchanged, and what is the same text in every collation. */
export const key = Type.String({
  title: '1 to 255 printable ASCII characters',
  minLength: 1,
  maxLength: 255,
  pattern: '^[\\x20-\\x7e]*$',
});

/** A text for people, which pages, logs and terminals show. */
export function printableText(lengthMax: number) {
  return Type.String({
    title: `a text of 1 to ${lengthMax} characters without control characters or bidirectional overrides`,
    minLength: 1,
    maxLength: lengthMax,
    pattern: printablePattern,
  });
}

export const instant = Type.String({
  title: 'an RFC 3339 time such as 2026-11-27T09:00:00Z',
  format: 'date-time',
});
export const currency = Type.String({
  title: 'a currency code of ISO 4217 such as USD',
  pattern: '^[A-Za-z]{3}$',
});
/** In an answer: exact decimals of minor units. */
export const amount = Type.Number();
export const count = Type.Integer();

/**
 * A value or null. One schema with two types: the serializer checks those faster than a union of two schemas.
 */
export function nullable<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** The same value with a word on what it is here. */
export function described<Schema extends TSchema>(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]) {
  return Type.Unsafe<Word>({ type: 'string', enum: [...words] });
}

/** An object that takes no field but these. */
export function strictObject<Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

export const idParams = strictObject({ id });

/** The header that makes a retry safe. Other headers are let through unread. */
export function idempotencyKeyHeaders(description: string) {
  return Type.Object({ 'idempotency-key': Type.Optional(described(key, description)) });
}

/** The same for a buyer. */
export const idempotencyHeaders = idempotencyKeyHeaders(
  'Makes a retry safe: the same key with the same values gives the same answer, with one effect. Random, a UUID; a client that knows it shares your hold.',
);

/**
 * For requests that have nothing to say: a field that somebody sends all the same would be ignored, so it is
 * refused.
 */
export const noBody = Type.Unsafe<Record<string, never> | null>({
  title: 'nothing, an empty object',
  type: ['object', 'null'],
  properties: {},
  additionalProperties: false,
  examples: [{}],
});

/** An answer without a body. */
export const nothing = Type.Null({ description: 'Done.' });
