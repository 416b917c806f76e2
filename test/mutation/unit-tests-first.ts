import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A mutant is given up at the first test that fails, so those that take milliseconds come before those that take a second. */
export class UnitTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number =>
      moduleId.startsWith(`${this.ctx.config.root}/src/`) ? 0 : 1;
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
