import { join } from 'node:path';
import { parseEnv } from 'node:util';
import leven from 'leven';
import type { Variables } from './config.ts';
import { ConfigError } from './config-error.ts';
import { variableNames } from './options.ts';
import { codeOf, modeText, openToOthers, readTextFile } from './text-file.ts';

/**
 * Letters to insert, delete or replace; two swapped letters count as 2. A name this close to an option is a typing error: the option would
 * keep its default, and the default of `DATABASE_URL` is the demo database.
 */
const typingErrorMax = 2;

/** POSIX defines `HOME` and Windows defines `OS`. Both are close to `HOST`, and neither is a typing error. */
const ofTheSystem: readonly string[] = ['HOME', 'OS'];

/** A name of a variable. Other text, such as the second line of a long secret, is not shown. */
const plainName = /^(?:[A-Z][A-Z\d_]*|[a-z][a-z_]*)$/;

/**
 * The variables of the `.env` file in `folder`; without such a file, an empty object.
 *
 * @param warn receives a line for the operator for each problem that does not stop the start
 * @throws ConfigError if the file cannot be read, or has a name that is close to an option
 */
export function readDotEnv(folder: string, warn: (line: string) => void = () => {}): Variables {
  const path = join(folder, '.env');
  const text = textOf(path);
  if (text === null) {
    return {};
  }
  const open = openToOthers(path);
  if (open !== null) {
    warn(`.env is open to other users of this machine (mode ${modeText(open)}): run chmod 600 .env`);
  }
  refuseOtherSeparators(text);
  const variables = parseEnv(text);
  const unknown = Object.keys(variables).filter((name) => !variableNames.includes(name));
  // The parser sorts names; an operator reads them in the order of the file.
  for (const name of unknown.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))) {
    judgeUnknown(name, text, warn);
  }
  return variables;
}

function textOf(path: string): string | null {
  try {
    return readTextFile(path, '.env');
  } catch (error) {
    if (error instanceof ConfigError) {
      throw error;
    }
    const code = codeOf(error);
    if (code === 'ENOENT') {
      return null;
    }
    throw new ConfigError(`.env cannot be read (${code}): make it a readable file, or remove it`);
  }
}

/** `NAME: value`, as YAML has it, and `NAME value`: the parser skips such a line, and the option keeps its default. */
const otherSeparator = /^[ \t]*(?:export[ \t]+)?(\w+)(?:[ \t]*:|[ \t]+(?![ \t=]))/;

function refuseOtherSeparators(text: string): void {
  for (const [index, line] of text.split(/\r?\n|\r/).entries()) {
    const name = otherSeparator.exec(line)?.[1]?.toUpperCase() ?? '';
    if (variableNames.includes(name)) {
      throw new ConfigError(
        `${name} in .env: expected ${name}=value, got another separator in line ${index + 1}`,
      );
    }
  }
}

function judgeUnknown(name: string, text: string, warn: (line: string) => void): void {
  const meant = ofTheSystem.includes(name) ? undefined : optionMeantBy(name);
  if (meant !== undefined) {
    throw new ConfigError(`${shown(name, text)} in .env: not an option; did you mean ${meant}?`);
  }
  warn(`${shown(name, text)} in .env: not an option, so it is not used`);
}

/** Small letters count as capitals: names are case-sensitive, so `port` sets nothing. */
function optionMeantBy(name: string): string | undefined {
  const nearest = variableNames
    .map((option) => ({ option, distance: leven(name.toUpperCase(), option) }))
    .filter(({ distance }) => distance <= typingErrorMax)
    .toSorted((a, b) => a.distance - b.distance);
  return nearest[0]?.option;
}

/** A piece of a secret may stand where a name is expected. */
function shown(name: string, text: string): string {
  if (plainName.test(name) && name.length <= 64) {
    return name;
  }
  const line = text.split('\n').findIndex((each) => each.includes(name)) + 1;
  return `the name in line ${line} (not shown, because it may be a part of a secret)`;
}
