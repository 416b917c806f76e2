import { StoreError } from '../../src/store/store-error.ts';
import type { Appointment, VirtualTime } from './virtual-time.ts';

/** Who locks rows. */
export type LockOwner = {
  /** What it has, and what it waits for. */
  readonly locks: string[];
  waitsFor: string | null;
};

type Waiter = { readonly owner: LockOwner; readonly timeout: Appointment; readonly resolve: () => void };

/** As the service sets it for each session. */
const waitMaxMs = 2_000;
const wakeMs = 0.1;

/** The locks of one database host: whoever comes first has the row, the others wait in line, and a circle of waits is broken. */
export class RowLocks {
  readonly #owners = new Map<string, LockOwner>();
  readonly #lines = new Map<string, Waiter[]>();
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** @throws StoreError `retryable` for a deadlock and for a wait that took too long */
  async lock(owner: LockOwner, row: string): Promise<void> {
    const holder = this.#owners.get(row);
    if (holder === owner) {
      return;
    }
    if (holder === undefined) {
      this.#give(owner, row);
      return;
    }
    if (this.#waitsFor(holder, owner)) {
      throw new StoreError('retryable', `deadlock at ${row}`);
    }
    owner.waitsFor = row;
    await new Promise<void>((resolve, reject) => {
      const timeout = this.#time.after(waitMaxMs, 'lock wait ends', () => {
        this.#leaveLine(owner);
        reject(new StoreError('retryable', `waited too long for ${row}`));
      });
      const line = this.#lines.get(row) ?? [];
      this.#lines.set(row, line);
      line.push({ owner, timeout, resolve });
    });
  }

  /** Gives back all that `owner` has, each row to the first in its line. */
  release(owner: LockOwner): void {
    this.#leaveLine(owner);
    for (const row of owner.locks.splice(0)) {
      this.#owners.delete(row);
      const next = this.#lines.get(row)?.shift();
      if (next !== undefined) {
        next.owner.waitsFor = null;
        this.#give(next.owner, row);
        next.timeout.isCancelled = true;
        this.#time.after(wakeMs, 'lock granted', next.resolve);
      }
    }
  }

  #give(owner: LockOwner, row: string): void {
    this.#owners.set(row, owner);
    owner.locks.push(row);
  }

  #leaveLine(owner: LockOwner): void {
    const line = owner.waitsFor === null ? undefined : this.#lines.get(owner.waitsFor);
    const at = line?.findIndex((waiter) => waiter.owner === owner) ?? -1;
    for (const { timeout } of line?.splice(at, at < 0 ? 0 : 1) ?? []) {
      timeout.isCancelled = true;
    }
    owner.waitsFor = null;
  }

  #waitsFor(owner: LockOwner, wanted: LockOwner): boolean {
    let next: LockOwner | undefined = owner;
    while (next !== undefined && next !== wanted) {
      next = next.waitsFor === null ? undefined : this.#owners.get(next.waitsFor);
    }
    return next === wanted;
  }
}
