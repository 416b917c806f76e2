/**
 * A whole number that was given for an option.
 *
 * @param least the lowest that means something
 * @throws Error that says what was expected
 */
export function wholeNumber(option: string, text: string, least = 1): number {
  // Not what `Number` takes besides: an empty text, hexadecimal digits, fractions.
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`expected a whole number from ${least} for --${option}, got "${text}"`);
  }
  return value;
}

/** The same for a comma list of them. */
export function wholeNumbers(option: string, text: string): readonly number[] {
  return text.split(',').map((each) => wholeNumber(option, each.trim()));
}

/**
 * Those of the known names that were given as a comma list, in the order in which they were given.
 *
 * @throws Error that says which there are
 */
export function namesAmong<Name extends string>(
  known: readonly Name[],
  option: string,
  text: string,
): readonly Name[] {
  return text.split(',').map((given) => {
    const found = known.find((name) => name === given.trim());
    if (found === undefined) {
      throw new Error(`expected some of ${known.join(', ')} for --${option}, got "${given}"`);
    }
    return found;
  });
}
