import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose tests start processes, end them and wait for what comes of it, the longest first. */
const slowFolders = [
  'test/chaos/',
  'test/chaos-run/',
  'test/processes/',
  'test/scenarios/',
  'test/deliveries/',
  'test/races/',
  'test/payments/',
  'test/http/',
  'test/',
];

/**
 * Starts the files that take longest before the others, so that no core waits at the end for a single one. Vitest
 * knows by itself only what it has measured before, which a fresh clone has not.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byFolder = ({ moduleId }: TestSpecification): number => {
      const found = slowFolders.findIndex((folder) =>
        moduleId.startsWith(`${this.ctx.config.root}/${folder}`),
      );
      return found === -1 ? slowFolders.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => byFolder(one) - byFolder(other));
  }
}
