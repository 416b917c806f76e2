/**
 * The command that makes a run again, as it is typed into a shell: `npm run bench:growth -- --rounds 5 --write`.
 *
 * @param script its name in package.json
 * @param given the arguments that it was run with
 */
export function commandText(script: string, given: readonly string[] = process.argv.slice(2)): string {
  const words = given.map((word) =>
    /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ['npm run', script, ...(words.length === 0 ? [] : ['--']), ...words].join(' ');
}
