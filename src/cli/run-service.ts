import { setTimeout as delay } from 'node:timers/promises';
import type { LogPipeline } from '../telemetry/logger.ts';
import { onHangUp } from './hang-up.ts';
import { isStartedByNpm, npmIsGone } from './npm-parent.ts';

/** Supervisors kill a process that takes much longer, and what was accepted is answered in less. */
const standardStopMs = 10_000;

/**
 * Where npm started this process, one signal to the group reaches it twice: from the sender, and from npm a moment later. A terminal sends
 * SIGINT to the group, and systemd and other supervisors send SIGTERM. A person takes longer between two presses.
 */
const samePressMs = 200;

/** Why the process is to end, as fields of a log line. */
export type EndReason = Readonly<Record<string, string>>;

export type Service = {
  /** Resolves when the service works; rejects when it never will. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
};

/**
 * Runs a service until the process is told to end, and ends it:
 *
 * - the first SIGTERM or SIGINT: the service stops, exit 0; exit 1 if that takes too long
 * - a second one: exit 1 at once
 * - SIGHUP: the log file is reopened, and the service goes on
 * - the end of npm, where npm started the process: as at SIGTERM
 * - an error that nobody caught: it goes to the log with its stack, exit 1. The state of the process is
 *   unknown then, but not that of the sale: whatever was answered is committed.
 *
 * @param start its errors come back to the caller, after the log was written
 * @param onReady called once, unless the process is told to end before
 * @param options.stopMs how long stopping may take, the last log lines included
 * @param options.toldToEnd in the place of signals, where somebody else says when the process ends
 */
export async function runService(
  pipeline: LogPipeline,
  start: () => Promise<Service> | Service,
  onReady: () => void,
  options: { readonly stopMs?: number; readonly toldToEnd?: Promise<EndReason> } = {},
): Promise<void> {
  const { log, close } = pipeline;
  const { stopMs = standardStopMs, toldToEnd = nextEnd() } = options;
  if (options.toldToEnd === undefined) {
    onHangUp(() => void reopenLog(pipeline));
  }
  const crash = async (error: unknown): Promise<never> => {
    log.fatal({ err: error }, 'Unexpected error, the process ends');
    process.stderr.write('flash-sale: ended by an unexpected error, the log has its stack\n');
    await close();
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  let service: Service;
  try {
    service = await start();
  } catch (error) {
    await close();
    throw error;
  }
  const first = await Promise.race([toldToEnd, service.ready.catch(crash)]);
  if (first === undefined) {
    onReady();
  }
  log.info(await toldToEnd, 'Stopping');
  await Promise.race([service.stop().then(close), tooSlow(stopMs)]).catch(crash);
  process.exit(0);
}

async function reopenLog({ log, reopen }: LogPipeline): Promise<void> {
  const path = await reopen();
  if (path === null) {
    log.info('SIGHUP changes nothing: LOG_FILE is empty');
  } else {
    log.info({ log_file: path }, 'Log file reopened');
  }
}

function nextEnd(): Promise<EndReason> {
  return isStartedByNpm()
    ? Promise.race([nextSignal(['SIGINT', 'SIGTERM']), npmIsGone()])
    : nextSignal(['SIGINT']);
}

/** @param sentTwice signals that may come twice for one press or one call of a supervisor */
function nextSignal(sentTwice: readonly NodeJS.Signals[]): Promise<EndReason> {
  return new Promise((resolve) => {
    let firstAtMs: number | null = null;
    const listen = (signal: NodeJS.Signals) => {
      if (firstAtMs === null) {
        firstAtMs = performance.now();
        resolve({ signal });
      } else if (!sentTwice.includes(signal) || performance.now() - firstAtMs > samePressMs) {
        process.exit(1);
      }
    };
    process.on('SIGTERM', listen);
    process.on('SIGINT', listen);
  });
}

async function tooSlow(stopMs: number): Promise<void> {
  await delay(stopMs);
  process.stderr.write(`flash-sale: did not stop within ${stopMs / 1000} s, ending all the same\n`);
  process.exit(1);
}
