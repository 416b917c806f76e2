/** Told of what a store sees of its database that operators may want to know. */
export type StoreObserver = {
  /** A statement ran: its text with placeholders, never its values, and how long it took. */
  query(sql: string, durationMs: number): void;
  /** One of several hosts is passed over from now on, `host:port` and why. Told once, until it is used again. */
  hostPassedOver(host: string, reason: string): void;
  hostIsBack(host: string): void;
  /** The clocks of two hosts are further apart than deadlines should move at a fail-over. Told once for each two. */
  clocksDiffer(hosts: readonly [string, string], differenceMs: number): void;
  /** SQLite's log was not put into the database and grows until it is. Told once, until it was. */
  checkpointFailed(reason: string): void;
};

export const noObserver: StoreObserver = {
  query: () => {},
  hostPassedOver: () => {},
  hostIsBack: () => {},
  clocksDiffer: () => {},
  checkpointFailed: () => {},
};
