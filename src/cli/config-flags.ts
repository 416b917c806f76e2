import { type Command, Option } from 'commander';
import { loadConfig, readDotEnv, type Variables } from '../config/config.ts';
import {
  type Config,
  type Option as ConfigOption,
  defaultText,
  type EnvName,
  flagOf,
  options,
} from '../config/options.ts';

/**
 * Flags as the command line parser gives them, by the keys of `Config`; `true` for a flag without a value.
 */
export type Flags = Readonly<Record<string, string | true>>;

/** Gives a command a flag for each of these options; for every option if none is named. */
export function addConfigFlags(command: Command, names?: readonly EnvName[]): Command {
  for (const option of options) {
    if (names === undefined || names.includes(option.env)) {
      command.addOption(new Option(flagWithValue(option), helpText(option)));
    }
  }
  return command;
}

/**
 * The configuration of this process.
 * @throws ConfigError in one line for the operator
 */
export function configFrom(flags: Flags): Config {
  const texts: Variables = Object.fromEntries(
    Object.entries(flags).map(([key, value]) => [key, value === true ? 'true' : value]),
  );
  return loadConfig(process.env, texts, readDotEnv(process.cwd()));
}

function flagWithValue({ env, parser }: ConfigOption): string {
  // `--worker` alone means true, as one expects of a switch.
  const value = parser.placeholder === 'true|false' ? '[true|false]' : `<${parser.placeholder}>`;
  return `${flagOf(env)} ${value}`;
}

function helpText(option: ConfigOption): string {
  const standard = defaultText(option.default) || 'none';
  const production =
    option.productionDefault === undefined ? '' : `, in production ${defaultText(option.productionDefault)}`;
  return `${option.description.replaceAll('`', '')} (${option.env}, default: ${standard}${production})`;
}
