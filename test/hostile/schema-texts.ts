import fc from 'fast-check';
import { objectText, wildJsonText, wildNumberText, wildText } from './wild-texts.ts';

/** What an OpenAPI document says of a value, as far as this one does. */
export type Schema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
};

/**
 * Values that are there, by the name of a field: with them a request comes further than with made-up ones. They may change while requests
 * are made.
 */
export type KnownValues = Readonly<Record<string, readonly unknown[]>>;

/** JSON that the schema takes. */
export function fittingText(schema: Schema, known: KnownValues, name = ''): fc.Arbitrary<string> {
  const there = known[name];
  const any = fittingAny(schema, known);
  return there === undefined ? any : fc.oneof({ weight: 4, arbitrary: oneOf(there).map(jsonText) }, any);
}

function oneOf(values: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.nat({ max: 999 }).map((at) => values[at % values.length]);
}

function jsonText(value: unknown): string {
  return JSON.stringify(value);
}

function fittingAny(schema: Schema, known: KnownValues): fc.Arbitrary<string> {
  const [type = 'object'] = [schema.type ?? []].flat();
  if (schema.enum !== undefined) {
    return fc.constantFrom(...schema.enum).map(jsonText);
  }
  switch (type) {
    case 'integer': {
      const { minimum = -1000, maximum = 1_000_000 } = schema;
      return fc
        .oneof(
          fc.integer({ min: minimum, max: Math.min(maximum, minimum + 10) }).map(BigInt),
          fc.bigInt({ min: BigInt(minimum), max: BigInt(maximum) }),
        )
        .map(String);
    }
    case 'number':
      return fc.integer({ min: 1, max: 2_000_000 }).map((cents) => String(cents / 100));
    case 'string':
      return fittingString(schema).map(jsonText);
    case 'null':
      return fc.constant('null');
    default:
      return fittingFields(schema, known).map(objectText);
  }
}

function fittingString({ format, pattern, minLength = 0, maxLength = 50 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  }
  if (pattern === '^[A-Za-z]{3}$') {
    return fc.oneof(fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'), fc.stringMatching(/^[A-Z]{3}$/));
  }
  const lengths = { minLength, maxLength };
  if (pattern?.includes('\\d') === true) {
    return fc.stringMatching(/^[a-z\d.-]{1,20}$/);
  }
  return pattern?.includes('Cc') === true
    ? fc.string({ unit: 'grapheme', ...lengths, size: '-1' })
    : fc.string({ unit: 'grapheme-ascii', ...lengths, size: '-1' });
}

type Fields = readonly (readonly [name: string, value: string])[];

function fittingFields(schema: Schema, known: KnownValues): fc.Arbitrary<Fields> {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const field = fittingText(property, known, name).map((value) => [JSON.stringify(name), value] as const);
    return required.has(name) ? field : fc.option(field, { nil: null });
  });
  return fc.tuple(...fields).map((each) => each.filter((field) => field !== null));
}

/** JSON of the schema's form with one thing wrong: a value, a name, a field too many, too few or twice. */
export function almostFittingText(schema: Schema, known: KnownValues): fc.Arbitrary<string> {
  const objects = Object.values(known).filter(([first]) => typeof first === 'object');
  const value = fc.oneof(wildJsonText, wildNumberText, ...objects.map(changedObject));
  const strangeName = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'id'), wildText);
  return fc
    .tuple(
      fittingFields(schema, known),
      fc.nat(),
      value,
      strangeName,
      fc.constantFrom('other value', 'other value', 'no field', 'twice', 'renamed', 'more'),
    )
    .map(([fields, at, wild, name, what]) => {
      const index = fields.length === 0 ? 0 : at % fields.length;
      const [own = '"x"', its = '0'] = fields[index] ?? [];
      const others = fields.toSpliced(index, 1);
      const changed: Readonly<Record<typeof what, Fields>> = {
        'other value': [...others, [own, wild]],
        'no field': others,
        twice: [...fields, [own, wild], [own, its]],
        renamed: [...others, [JSON.stringify(name), its]],
        more: [...fields, [JSON.stringify(name), wild]],
      };
      return objectText(changed[what]);
    });
}

/** One of the objects with another value in one of its fields. */
function changedObject(objects: readonly unknown[]): fc.Arbitrary<string> {
  return fc.tuple(oneOf(objects), fc.nat(), wildJsonText).map(([object, at, wild]) => {
    const fields = Object.entries(object as object);
    const changed = fields.length === 0 ? 0 : at % fields.length;
    return objectText(
      fields.map(([name, value], index) => [jsonText(name), index === changed ? wild : jsonText(value)]),
    );
  });
}
