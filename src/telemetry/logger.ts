import { createRequire } from 'node:module';
import { type Logger, pino } from 'pino';
import type { prettyFactory } from 'pino-pretty';
import { LogOutput } from './log-output.ts';
import { openStdout, type Stdout } from './log-sink.ts';
import { RotatingLogFile } from './rotating-log-file.ts';

export type { Logger } from 'pino';

export type LogConfig = {
  readonly logLevel: string;
  /** `null`: stdout only. */
  readonly logFile: string | null;
};

export type LogTargets = {
  /** `null` for a command whose stdout is its answer. */
  readonly stdout: Stdout | null;
  /** Takes one line for the operator about the log itself. Standard error, if not given. */
  readonly report?: (line: string) => void;
  /** Stands in each line, where several processes log to the same place. */
  readonly pid?: number;
};

export type LogPipeline = {
  readonly log: Logger;
  /** Takes `lines` whole lines that another process has logged, as they are. Never waits and never throws. */
  passOn(bytes: Buffer, lines: number): void;
  /** Closes the log file and opens its path again. Resolves to the path once it is open, or to `null` without a log file. */
  reopen(): Promise<string | null>;
  /**
   * Writes what waits; bounded, so that an output that hangs does not keep the process. Later lines go
   * nowhere.
   */
  close(): Promise<void>;
};

/**
 * How long lines are collected before they are written. One write for many lines is what makes a line cheap.
 * Beyond pino's own 1.5 µs, a line to stdout and file costs the main thread 1 µs this way. With pino's
 * destinations it was 7 µs written synchronously and 5 µs asynchronously; with its worker thread 1.5 µs, and
 * 5 µs of the other core (measured with 2 cores, Node 26.10, 30 lines a tick). A reader of the log waits 20
 * ms longer for it.
 */
const collectMs = 20;
const collectCharactersMax = 64 * 1024;

const closePatienceMs = 2000;

/**
 * A logger that writes JSON lines to stdout, readable ones if that is a terminal, and to the log file. The
 * event loop never waits for either of them, and no failure of either reaches a caller.
 */
export function createLogger(config: LogConfig, targets: LogTargets): LogPipeline {
  const report = targets.report ?? reportOnStderr;
  const outputs: LogOutput[] = [];
  let terminal: { readonly output: LogOutput; readonly readable: (text: string) => string } | null = null;
  if (targets.stdout !== null) {
    const output = new LogOutput(openStdout(targets.stdout), report);
    if (targets.stdout.isTTY) {
      terminal = { output, readable: readableLines() };
    } else {
      outputs.push(output);
    }
  }
  const file =
    config.logFile === null ? null : new LogOutput(new RotatingLogFile(config.logFile, report), report);
  if (file !== null) {
    outputs.push(file);
  }
  const passOn = (bytes: Buffer, lines: number): void => {
    for (const output of outputs) {
      output.push(bytes, lines);
    }
    terminal?.output.push(Buffer.from(terminal.readable(bytes.toString())), lines);
  };
  const collector = new LineCollector((text, lines) => passOn(Buffer.from(text), lines));
  const log = pino(
    {
      level: config.logLevel,
      base: targets.pid === undefined ? null : { pid: targets.pid },
      timestamp: timeField,
      formatters: { level: (label) => ({ level: label }) },
    },
    collector,
  );
  return {
    log,
    passOn,
    reopen: async () => {
      collector.flush();
      await file?.reopen();
      return config.logFile;
    },
    close: async () => {
      collector.flush();
      const all = terminal === null ? outputs : [...outputs, terminal.output];
      await Promise.all(all.map((output) => output.close(closePatienceMs)));
    },
  };
}

/** Collects lines for a moment and hands them on together. */
class LineCollector {
  readonly #handOn: (text: string, lines: number) => void;
  #text = '';
  #lines = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(handOn: (text: string, lines: number) => void) {
    this.#handOn = handOn;
  }

  write(line: string): void {
    this.#text += line;
    this.#lines++;
    if (this.#text.length >= collectCharactersMax) {
      this.flush();
    } else {
      this.#timer ??= setTimeout(() => this.flush(), collectMs);
    }
  }

  flush(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (this.#lines > 0) {
      const [text, lines] = [this.#text, this.#lines];
      this.#text = '';
      this.#lines = 0;
      this.#handOn(text, lines);
    }
  }
}

let timeFieldMs = Number.NaN;
let timeFieldText = '';

/**
 * The time of a line as RFC 3339 in UTC. Lines of the same millisecond share the text: making it anew took
 * 1.7 µs, more than pino needs for all the rest of a line.
 */
function timeField(): string {
  const nowMs = Date.now();
  if (nowMs !== timeFieldMs) {
    timeFieldMs = nowMs;
    timeFieldText = `,"time":"${new Date(nowMs).toISOString()}"`;
  }
  return timeFieldText;
}

/** Makes lines readable. What does it is loaded only where there is a terminal: it takes 3 MB and some ms of a start. */
function readableLines(): (text: string) => string {
  const create: typeof prettyFactory = createRequire(import.meta.url)('pino-pretty').prettyFactory;
  const readableLine = create({ translateTime: false, singleLine: true });
  return (text) =>
    text
      .split('\n')
      .map((line) => (line === '' ? '' : readableLine(line)))
      .join('');
}

function reportOnStderr(line: string): void {
  // Where stderr is gone as well there is nobody left to tell, and that must not end the process either.
  process.stderr.removeListener('error', ignore).on('error', ignore);
  process.stderr.write(`flash-sale: ${line}\n`);
}

function ignore(): void {}
