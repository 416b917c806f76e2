import { ConfigError } from './config-error.ts';
import { fileVariableOf, flagKindOf, flagOf, keyOf, type Option } from './option.ts';
import { type Config, options } from './options.ts';
import type { Parser } from './parsers.ts';
import { readSecretFile } from './secret-files.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The configuration: flags win over the environment, the environment over the variables of a `.env` file, and
 * those over the defaults. A secret may stand in a file, which its `NAME_FILE` variable names.
 *
 * @param flags by the keys of `Config`, as text
 * @param warn receives a line for the operator for each problem that does not stop the start
 * @throws ConfigError naming the first option whose value cannot be used, what was expected and what came;
 *   the value of a secret is left out
 */
export function loadConfig(
  env: Variables,
  flags: Variables = {},
  dotEnv: Variables = {},
  warn: (line: string) => void = () => {},
): Config {
  const sources = { env, flags, dotEnv, warn };
  const rows: readonly Option[] = options;
  const production = rows.some((row) => row.env === 'NODE_ENV' && read(row, sources, false) === 'production');
  const entries = rows.map((row) => {
    const standard = production && row.productionDefault !== undefined ? row.productionDefault : row.default;
    const given = read(row, sources, production);
    return [keyOf(row.env), given === undefined ? standard : given];
  });
  // The keys and values are those of the table, which the compiler cannot follow through fromEntries.
  return Object.freeze(Object.fromEntries(entries)) as Config;
}

type Sources = {
  readonly flags: Variables;
  readonly env: Variables;
  readonly dotEnv: Variables;
  readonly warn: (line: string) => void;
};

/**
 * The value that was given for an option; `undefined` if none was. `null` is a value: an empty `LOG_FILE`.
 */
function read(option: Option, { flags, env, dotEnv, warn }: Sources, production: boolean): unknown {
  const parser = (production ? option.productionParser : undefined) ?? option.parser;
  // An empty flag was typed on purpose and is judged by the parser; an empty variable is how a shell, a
  // container or a service file says "not set".
  const flag = flags[keyOf(option.env)];
  if (flag !== undefined) {
    return parse(option, parser, flagOf(option.env), allowedFlag(option, flag));
  }
  const given = variableOf(option, env, '', warn) ?? variableOf(option, dotEnv, ' in .env', warn);
  return given === undefined ? undefined : parse(option, parser, given.name, given.text);
}

/** Where an option was set among variables, by itself or by a file; `undefined` if it was not. */
function variableOf(
  option: Option,
  variables: Variables,
  place: string,
  warn: (line: string) => void,
): { readonly name: string; readonly text: string } | undefined {
  const value = variables[option.env];
  const isSet = value !== undefined && (value.trim() !== '' || option.emptyIsValue === true);
  const fileVariable = fileVariableOf(option.env);
  const path = option.secret === true ? (variables[fileVariable]?.trim() ?? '') : '';
  if (path === '') {
    return isSet ? { name: `${option.env}${place}`, text: value } : undefined;
  }
  if (isSet) {
    throw new ConfigError(`${option.env} and ${fileVariable} are both set${place}: unset one of them`);
  }
  const name = `${fileVariable}${place}`;
  return { name, text: readSecretFile(name, path, warn) };
}

/** @throws ConfigError for a flag that holds a secret */
function allowedFlag(option: Option, value: string): string {
  const kind = flagKindOf(option);
  if (kind === 'none' || (kind === 'without password' && holdsPassword(value))) {
    const what = kind === 'none' ? 'a secret' : 'a password';
    throw new ConfigError(
      `${flagOf(option.env)}: ${what} on the command line is visible to other users of the machine: ` +
        `use ${option.env} or ${fileVariableOf(option.env)}`,
    );
  }
  return value;
}

/** Whether a URL has a password: before its host, or as an option. The path of an embedded database has none. */
function holdsPassword(url: string): boolean {
  const [, scheme, authority = ''] = /^\s*(\w+):\/\/([^/?]*)/.exec(url) ?? [];
  const user = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0));
  return scheme !== 'sqlite' && (/:./.test(user) || /[?&]pass(word|wd)?=./i.test(url));
}

function parse(option: Option, parser: Parser<unknown>, name: string, text: string): unknown {
  const trimmed = text.trim();
  const value = parser.parse(trimmed);
  if (value === undefined) {
    const where = parser === option.parser ? '' : 'in production ';
    throw new ConfigError(`${name}: ${where}expected ${parser.expected}, got ${shown(option, trimmed)}`);
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
