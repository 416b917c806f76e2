import { InvalidArgumentError } from 'commander';
import { integer } from '../config/parsers.ts';

/** As many digits as `integer` reads. */
const largest = 999_999_999_999_999;

/**
 * Reads a whole number that is given for a flag.
 *
 * @param least the lowest that means something
 * @throws InvalidArgumentError that says what was expected
 */
export function wholeNumber(least = 1, most = largest): (text: string) => number {
  const { parse } = integer(least, most);
  return (text) => {
    const value = parse(text);
    if (value === undefined) {
      const range = most === largest ? `from ${least}` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return value;
  };
}

/**
 * Reads a comma list of names, in capitals or not: those that were given, in the order of all.
 *
 * @throws InvalidArgumentError that says which there are
 */
export function namesAmong<Name extends string>(names: readonly Name[]): (text: string) => readonly Name[] {
  return (text) => {
    const given = text.split(',').map((name) => name.trim());
    const known = (name: string) => names.find((each) => each.toLowerCase() === name.toLowerCase());
    const unknown = given.find((name) => known(name) === undefined);
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`Expected a comma list of ${names.join(', ')}, got "${unknown}".`);
    }
    const found = new Set(given.map(known));
    return names.filter((name) => found.has(name));
  };
}
