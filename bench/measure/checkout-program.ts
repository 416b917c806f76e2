import { Command, InvalidArgumentError, Option } from 'commander';
import { namesAmong, wholeNumber } from '../../src/cli/flag-values.ts';
import { type DatabaseName, databaseNames } from './bench-databases.ts';

/**
 * The command line of a program that is run in a checkout by npm. `--help` tells what it takes; what cannot be understood is told in a line
 * or two, with where the help is, and ends it with 2.
 *
 * @param script its name in package.json
 */
export function checkoutProgram(script: string, description: string): Command {
  return new Command(`npm run ${script} --`)
    .description(description)
    .showHelpAfterError(`See npm run ${script} -- --help`)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** `--write`, of a program that keeps only what a run of everything found. */
export function writeOption(keeps: string): Option {
  return new Option('--write', `keep ${keeps}; only of a run of everything`).conflicts(['only', 'databases']);
}

/** `--only`, which may be given several times: some of the names instead of all. */
export function onlyOption<Name extends string>(names: readonly Name[]): Option {
  return new Option('--only <names>', `comma list of ${names.join(', ')}`)
    .argParser((text, before: readonly Name[]) => {
      const chosen = [...(before === names ? [] : before), ...namesAmong(names)(text)];
      return names.filter((name) => chosen.includes(name));
    })
    .default(names, 'all');
}

/** `--databases`, of a program that measures several one after the other. */
export function databasesOption(names: readonly DatabaseName[]): Option {
  return new Option('--databases <names>', `comma list of ${databaseNames.join(', ')}`)
    .argParser(namesAmong(databaseNames))
    .default(names, names.join(','));
}

/**
 * Reads a comma list of whole numbers from 1.
 *
 * @throws InvalidArgumentError that says what was expected
 */
export function wholeNumbers(text: string): readonly number[] {
  return text.split(',').map((each) => wholeNumber()(each.trim()));
}

/**
 * Reads for how many minutes something is to go on; a fraction too.
 *
 * @throws InvalidArgumentError that says what was expected
 */
export function minutesOf(text: string): number {
  const minutes = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (minutes <= 0 || minutes > 24 * 60) {
    throw new InvalidArgumentError('Expected minutes, more than 0 and a day at most.');
  }
  return minutes;
}
