import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Config, flagOf, keyOf, type Option, options } from './options.ts';

/** A setting that the process cannot start with. The message is one line for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The configuration: flags win over the environment, the environment over the variables of a `.env` file, and
 * those over the defaults.
 *
 * @param flags by the keys of `Config`, as text
 * @throws ConfigError naming the first option whose value cannot be used, what was expected and what came;
 *   the value of a secret is left out
 */
export function loadConfig(env: Variables, flags: Variables = {}, dotEnv: Variables = {}): Config {
  const sources = { env, flags, dotEnv };
  const production = options.some((row) => row.env === 'NODE_ENV' && read(row, sources) === 'production');
  const entries = options.map((row: Option) => {
    const standard = production && row.productionDefault !== undefined ? row.productionDefault : row.default;
    const given = read(row, sources);
    return [keyOf(row.env), given === undefined ? standard : given];
  });
  // The keys and values are those of the table, which the compiler cannot follow through fromEntries.
  return Object.freeze(Object.fromEntries(entries)) as Config;
}

/**
 * The variables of the `.env` file in `folder`, or none if there is no such file.
 * @throws ConfigError if there is one that cannot be read
 */
export function readDotEnv(folder: string): Variables {
  try {
    return parseEnv(readFileSync(join(folder, '.env'), 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    if (code === 'ENOENT') {
      return {};
    }
    throw new ConfigError(`.env cannot be read (${code}): make it a readable file, or remove it`);
  }
}

type Sources = {
  readonly flags: Variables;
  readonly env: Variables;
  readonly dotEnv: Variables;
};

/**
 * The value that was given for an option; `undefined` if none was. `null` is a value: an empty `LOG_FILE`.
 */
function read(option: Option, { flags, env, dotEnv }: Sources): unknown {
  // An empty flag was typed on purpose and is judged by the parser; an empty variable is how a shell, a
  // container or a service file says "not set".
  const isSet = (value: string | undefined) =>
    value !== undefined && (value.trim() !== '' || option.emptyIsValue === true);
  const flag = flags[keyOf(option.env)];
  if (flag !== undefined) {
    return parse(option, flagOf(option.env), flag);
  }
  if (isSet(env[option.env])) {
    return parse(option, option.env, env[option.env] ?? '');
  }
  return isSet(dotEnv[option.env])
    ? parse(option, `${option.env} in .env`, dotEnv[option.env] ?? '')
    : undefined;
}

function parse(option: Option, name: string, text: string): unknown {
  const trimmed = text.trim();
  const value = option.parser.parse(trimmed);
  if (value === undefined) {
    throw new ConfigError(`${name}: expected ${option.parser.expected}, got ${shown(option, trimmed)}`);
  }
  return value;
}

/** One line whatever came, and nothing of a secret. */
function shown(option: Option, text: string): string {
  if (text === '') {
    return 'nothing';
  }
  if (option.secret) {
    return 'something else (not shown, because it is secret)';
  }
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
