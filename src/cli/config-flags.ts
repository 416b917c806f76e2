import { type Command, Option } from 'commander';
import { loadConfig, type Variables } from '../config/config.ts';
import { readDotEnv } from '../config/dot-env.ts';
import {
  type Option as ConfigOption,
  defaultText,
  fileVariableOf,
  flagKindOf,
  flagOf,
} from '../config/option.ts';
import { type Config, type EnvName, options } from '../config/options.ts';
import { plainEndpointsLine } from '../config/plain-endpoints.ts';
import { stripeTestKeyLine } from '../config/stripe-mode.ts';

/**
 * Flags as the command line parser gives them, by the keys of `Config`; `true` for a flag without a value.
 */
export type Flags = Readonly<Record<string, string | true>>;

/**
 * Adds a flag for each of these options to a command; for every option unless some are named. The help leaves out flags of secrets. They
 * exist so that the refusal can name the variables.
 */
export function addConfigFlags(command: Command, names?: readonly EnvName[]): Command {
  const rows = options.filter(({ env }) => names === undefined || names.includes(env));
  for (const row of rows) {
    const isSecret = flagKindOf(row) === 'none';
    const flag = isSecret ? `${flagOf(row.env)} [secret]` : flagWithValue(row);
    command.addOption(new Option(flag, helpText(row)).hideHelp(isSecret));
  }
  return command.addHelpText('after', () => secretsText(rows));
}

/** The end of the help: secrets have no flags, and may stand in files. */
function secretsText(rows: readonly ConfigOption[]): string {
  const secrets = rows.filter(({ secret }) => secret);
  const [first] = secrets;
  if (first === undefined) {
    return '';
  }
  const withoutFlag = secrets.filter((row) => flagKindOf(row) === 'none').map(({ env }) => env);
  const variables =
    withoutFlag.length === 0
      ? ''
      : `Variables without a flag, because other users of the machine can read flags:\n  ${withoutFlag.join(', ')}\n`;
  return `
${variables}Each secret may stand in a file: ${fileVariableOf(first.env)} is the path of a file with the value of ${first.env}.
`;
}

/**
 * The configuration of this process. Warnings go to stderr, because the log file is not known yet.
 *
 * @throws ConfigError in one line for the operator
 */
export function configFrom(flags: Flags): Config {
  const texts: Variables = Object.fromEntries(
    Object.entries(flags).map(([key, value]) => [key, value === true ? 'true' : value]),
  );
  return loadConfig(process.env, texts, readDotEnv(process.cwd(), warn), warn);
}

/** Warns of endpoints that get events unencrypted; for commands that send events. */
export function warnOfPlainEndpoints(config: Config): void {
  const line = plainEndpointsLine(config);
  if (line !== null) {
    warn(line);
  }
}

/** Warns of a key that moves no money in production; for commands that call Stripe. */
export function warnOfTestKey(config: Config): void {
  const line = stripeTestKeyLine(config);
  if (line !== null) {
    warn(line);
  }
}

function warn(line: string): void {
  process.stderr.write(`flash-sale: ${line}\n`);
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
