import { setTimeout as pause } from 'node:timers/promises';

/**
 * Time and chance as the engine knows them. They are a parameter, so that a run of it can be repeated exactly.
 */
export interface Scheduler {
  /** A clock that never goes backwards, in ms since an instant of its own. */
  nowMs(): number;
  /** Resolves when all that can run by now has run, and what the sockets have for us has been read. */
  turn(): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Calls back once, after `ms`. A call that is still to come keeps no process alive. */
  callLater(ms: number, callback: () => void): void;
  /** At least 0 and below 1. */
  random(): number;
}

/** The clock, the event loop and the chance of this process. */
export const processScheduler: Scheduler = {
  nowMs: () => performance.now(),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  pause: (ms) => pause(ms),
  callLater: (ms, callback) => void setTimeout(callback, ms).unref(),
  random: () => Math.random(),
};
