import type {
  Static,
  TArray,
  TBoolean,
  TInteger,
  TNull,
  TNumber,
  TObject,
  TObjectOptions,
  TOptional,
  TProperties,
  TSchema,
  TSchemaOptions,
  TString,
  TUnsafe,
} from 'typebox';

export type { Static, TObjectOptions, TProperties, TSchema };

/**
 * Marks a property that may be left out. A symbol, so that neither the validator nor the API description sees
 * it.
 */
const optional = Symbol('optional');

/**
 * TypeBox's builder for the few types that the API uses. The types are TypeBox's own, so schemas infer as
 * they do there; what is left out is its run time, whose seven hundred modules take about 160 ms of a start
 * that should take 600.
 */
export const Type = {
  Integer: (options: Options = {}) => make<TInteger>({ type: 'integer', ...options }),
  Number: (options: Options = {}) => make<TNumber>({ type: 'number', ...options }),
  String: (options: Options = {}) => make<TString>({ type: 'string', ...options }),
  Boolean: (options: Options = {}) => make<TBoolean>({ type: 'boolean', ...options }),
  Null: (options: Options = {}) => make<TNull>({ type: 'null', ...options }),
  Array: <Item extends TSchema>(items: Item, options: Options = {}) =>
    make<TArray<Item>>({ type: 'array', items, ...options }),
  Object: <Properties extends TProperties>(properties: Properties, options: TObjectOptions = {}) =>
    make<TObject<Properties>>({
      type: 'object',
      properties,
      required: Object.keys(properties).filter((name) => !(optional in (properties[name] ?? {}))),
      ...options,
    }),
  /** The same schema for a property that may be left out. */
  Optional: <Schema extends TSchema>(schema: Schema) =>
    make<TOptional<Schema>>({ ...schema, [optional]: true }),
  /** A schema whose type is not derived from it but stated. */
  Unsafe: <Value>(schema: object) => make<TUnsafe<Value>>(schema),
};

type Options = TSchemaOptions & Readonly<Record<string, unknown>>;

/** The compiler cannot follow from a JSON Schema to TypeBox's type of it. */
function make<Schema extends TSchema>(schema: object): Schema {
  return schema as unknown as Schema;
}
