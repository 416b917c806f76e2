import type { Scheduler } from '../../src/engine/scheduler.ts';
import type { Random } from '../stories/random.ts';
import type { Fault, OccasionalFault } from './plan.ts';
import type { Appointment, VirtualTime } from './virtual-time.ts';

/** How often each kind of fault happened. */
export type FaultCounts = Map<string, number>;

/**
 * A process from its start to its death. What it waits for comes to it only while it lives, so after its death nothing of it goes on.
 * While it is frozen it waits.
 */
export class NodeLife {
  isAlive = true;
  frozenUntilMs = 0;
  /** Ends the process where it is. */
  readonly die: (fault: Fault & { readonly forMs: number }) => void;
  readonly #time: VirtualTime;
  readonly #random: Random;
  /** What waits for its occasion at this node, whichever of its lives it is. */
  readonly #pending: Fault[];
  readonly #counts: FaultCounts;
  readonly #name: string;

  constructor(
    parts: { readonly time: VirtualTime; readonly random: Random; readonly counts: FaultCounts },
    index: number,
    pending: Fault[],
    die: (life: NodeLife, fault: Fault & { readonly forMs: number }) => void,
  ) {
    this.#time = parts.time;
    this.#random = parts.random;
    this.#counts = parts.counts;
    this.#pending = pending;
    this.#name = `node ${index + 1}`;
    this.die = (fault) => die(this, fault);
  }

  after(delayMs: number, label: string, run: () => void): Appointment {
    const comes = (): void => {
      if (!this.isAlive) {
        return;
      }
      if (this.frozenUntilMs > this.#time.nowMs) {
        this.#time.after(this.frozenUntilMs - this.#time.nowMs, label, comes);
      } else {
        run();
      }
    };
    return this.#time.after(delayMs, `${this.#name}: ${label}`, comes);
  }

  /** At the database, whatever becomes of this process. */
  onServer(delayMs: number, label: string, run: () => void): void {
    this.#time.after(delayMs, label, run);
  }

  /** A way to the database and back. */
  trip(label: string, longestMs = 3): Promise<void> {
    const slow = this.take('slow statement');
    return new Promise((resolve) => {
      this.after(this.#random.between(0.1, longestMs) + (slow?.forMs ?? 0), label, resolve);
    });
  }

  /** The fault of this kind whose occasion this is. */
  take<Kind extends OccasionalFault>(kind: Kind): (Fault & { readonly kind: Kind }) | null {
    const at = this.#pending.findIndex((fault) => fault.kind === kind && fault.atMs <= this.#time.nowMs);
    const [fault] = at < 0 ? [] : this.#pending.splice(at, 1);
    if (fault === undefined) {
      return null;
    }
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#time.note(kind);
    return fault as Fault & { readonly kind: Kind };
  }

  /** Time and chance for the engine of this process. */
  scheduler(): Scheduler {
    return {
      nowMs: () => this.#time.nowMs,
      turn: () => new Promise((resolve) => this.after(0.05, 'turn', resolve)),
      pause: (ms) => new Promise((resolve) => this.after(ms, 'pause', resolve)),
      callLater: (ms, callback) => void this.after(ms, 'call later', callback),
      random: () => this.#random.next(),
    };
  }
}
