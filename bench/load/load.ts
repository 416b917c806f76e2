/** Where a load goes, how much of it, and how long. */
export type Load = { readonly url: string; readonly connections: number; readonly seconds: number };

/** What counts as answered: a status of 2xx, or 409. */
export type Expected = 'success' | 'conflict';

/** @throws Error when it is not on this machine: a load is an attack on anybody else */
export function assertLoopback(url: string): void {
  if (new URL(url).hostname !== '127.0.0.1') {
    throw new Error(`expected a load on 127.0.0.1, got ${url}`);
  }
}
