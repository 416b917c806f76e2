/** What has to be ended when a run is over, in whatever way. What came last ends first, since it may need what came before. */
export class Ends {
  readonly #all: (() => Promise<void>)[] = [];

  readonly add = (end: () => Promise<void>): void => {
    this.#all.push(end);
  };

  /** Ends everything, also when something of it fails. Nothing is ended twice. */
  async now(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.#all.pop(); end !== undefined; end = this.#all.pop()) {
      await end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) {
      throw new AggregateError(failures, 'not everything could be ended');
    }
  }
}
