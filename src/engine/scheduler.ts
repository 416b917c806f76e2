import { subscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

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

/**
 * How many connections are let in before a batch begins, and for how long, at most. libuv accepts one in each turn of the event loop
 * (`uv__server_io` in its stream.c), and a batch on SQLite is one turn, however long it takes: a crowd that comes all at once would
 * get in at the pace of one buyer for each batch, 2,000 of them in 2.9 to 4.2 s instead of 0.8 to 1.0. More at a time would make the
 * first of them wait for the last. Fewer are a smaller batch, which costs more for each (`BATCH_MAX` in bench/results/growth.md). The
 * time is a bound for turns that have much else to do: what waits already waits no longer than for a commit on a slow disk, whoever
 * connects without end.
 */
const acceptedMax = 32;
const acceptingMsMax = 20;

/** The clock, the event loop and the chance of this process. */
export const processScheduler: Scheduler = {
  nowMs: () => performance.now(),
  turn: acceptingTurn(),
  pause: (ms) => pause(ms),
  callLater: (ms, callback) => void setTimeout(callback, ms).unref(),
  random: () => Math.random(),
};

/** Turns go on as long as each brings a connection: what the newest one has to say is read in the turn after it was accepted. */
function acceptingTurn(): Scheduler['turn'] {
  let accepted = 0;
  let noticed = 0;
  // https://nodejs.org/api/diagnostics_channel.html#event-netserversocket
  subscribe('net.server.socket', () => {
    accepted += 1;
  });
  return async () => {
    const enough = accepted + acceptedMax;
    const untilMs = performance.now() + acceptingMsMax;
    let somebodyCame: boolean;
    do {
      await nextTurn();
      somebodyCame = accepted > noticed;
      noticed = accepted;
    } while (somebodyCame && accepted < enough && performance.now() < untilMs);
  };
}
