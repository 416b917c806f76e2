import type { Parser } from './parsers.ts';

/** One option: the name of its environment variable gives the flag and the key in `Config`. */
export type Option<Env extends string = string, Value = unknown> = {
  readonly env: Env;
  readonly parser: Parser<Value>;
  /** `null` or an empty list: none. */
  readonly default: Value;
  /** Where production differs. */
  readonly productionDefault?: Value;
  /** The parser in production, where production accepts fewer values. */
  readonly productionParser?: Parser<Value>;
  /** One sentence, for `--help` and the docs. */
  readonly description: string;
  /** Its value is never printed or logged. It may come from a file. It has no flag, because every user of a machine can read flags. */
  readonly secret?: true;
  /** A URL that is secret only because of its password: its flag accepts a URL without a password. */
  readonly flagWithoutPassword?: true;
  /** The empty text is a value of its own; elsewhere an empty variable counts as not set. */
  readonly emptyIsValue?: true;
};

/** Lets the compiler infer name and value of a row, which `Config` is made of. */
export function option<const Env extends string, Value>(row: Option<Env, Value>): Option<Env, Value> {
  return row;
}

/** `HOLD_SECONDS` → `holdSeconds`: the key in `Config`, and what a command line parser makes of the flag. */
export function keyOf(env: string): string {
  return env.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `HOLD_SECONDS` → `--hold-seconds` */
export function flagOf(env: string): string {
  return `--${env.toLowerCase().replaceAll('_', '-')}`;
}

/** `ADMIN_TOKEN` → `ADMIN_TOKEN_FILE`: the variable with the path of a file that holds the secret. */
export function fileVariableOf(env: string): string {
  return `${env}_FILE`;
}

/** Whether an option has a flag. The flag of kind `without password` refuses a URL that has a password. */
export function flagKindOf({
  secret,
  flagWithoutPassword,
}: Option): 'any value' | 'without password' | 'none' {
  if (secret === undefined) {
    return 'any value';
  }
  return flagWithoutPassword === true ? 'without password' : 'none';
}

/** A default as one would write it into a variable; the empty text for none. */
export function defaultText(value: unknown): string {
  return value === null ? '' : String(value);
}
