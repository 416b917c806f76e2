import { describe, type SuiteOptions, type TestContext, type TestOptions, test } from 'vitest';
import { type ProgramName, withMissing } from './programs.ts';

/**
 * Suites that need a program register on every machine. Where the program is missing, they are skipped, and their names say so:
 * `skipped: mariadbd not found`. The closing summary counts them by program, and `REQUIRE_SERVICES=1` forbids them. A suite that
 * an empty table leaves out would be invisible, and a file without suites fails.
 */
export type Needing = {
  /** The program that this machine lacks, or null. */
  readonly missing: ProgramName | null;
};

type SuiteBody<Kind> = (kind: Kind) => void;
type TestBody<Kind> = (kind: Kind) => Promise<void> | void;

/** `describe` for a suite that needs a program. */
export function describeNeeding(missing: ProgramName | null) {
  return (name: string, ...rest: [() => void] | [SuiteOptions, () => void]): void => {
    const [options, body] = split(rest);
    describe.skipIf(missing !== null)(withMissing(name, missing), options, body);
  };
}

/** `test` for a test that needs a program. */
export function testNeeding(missing: ProgramName | null) {
  return (name: string, body: (context: TestContext) => Promise<void> | void): void => {
    test.skipIf(missing !== null)(withMissing(name, missing), body);
  };
}

/** `describe.each` for kinds that may be missing. */
export function describeEach<Kind extends Needing>(kinds: readonly Kind[]) {
  return (name: string, ...rest: [SuiteBody<Kind>] | [SuiteOptions, SuiteBody<Kind>]): void => {
    const [options, body] = split(rest);
    for (const kind of kinds) {
      describe.skipIf(kind.missing !== null).each([kind])(withMissing(name, kind.missing), options, body);
    }
  };
}

/** `test.each` for kinds that may be missing. */
export function testEach<Kind extends Needing>(kinds: readonly Kind[]) {
  return (name: string, ...rest: [TestBody<Kind>] | [TestOptions, TestBody<Kind>]): void => {
    const [options, body] = split(rest);
    for (const kind of kinds) {
      test.skipIf(kind.missing !== null).each([kind])(withMissing(name, kind.missing), options, body);
    }
  };
}

function split<Options extends object, Body>(rest: [Body] | [Options, Body]): [Options, Body] {
  return rest.length === 1 ? [{} as Options, rest[0]] : rest;
}
