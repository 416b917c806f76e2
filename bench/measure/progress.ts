import type { ProgressOutput } from '../../src/cli/progress-output.ts';

/** What is to be done, and how long it takes, about. */
export type Step = { readonly name: string; readonly seconds: number };

/**
 * Says what is done now and how long all may still take: in one line that changes on a terminal, else in a line for each step.
 */
export class Progress {
  readonly #steps: readonly Step[];
  readonly #output: ProgressOutput;
  readonly #nowMs: () => number;
  /** The step that is under way. */
  #index = 0;
  #begunMs = 0;

  constructor(
    steps: readonly Step[],
    output: ProgressOutput = process.stderr,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#steps = steps;
    this.#output = output;
    this.#nowMs = nowMs;
  }

  begin(index: number): void {
    this.#index = index;
    this.#begunMs = this.#nowMs();
    this.#write(this.#line('starting'));
  }

  /** Tells of the step that is under way; only on a terminal, where it replaces what it told before. */
  say(doing: string): void {
    if (this.#output.isTTY === true) {
      this.#write(this.#line(doing));
    }
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.#output.isTTY === true) {
      this.#output.write('\r\x1b[K');
    }
  }

  #line(doing: string): string {
    const name = this.#steps[this.#index]?.name;
    return `${this.#index + 1} of ${this.#steps.length}: ${name}: ${doing}; ${durationText(this.#secondsLeft())} left`;
  }

  #secondsLeft(): number {
    const later = this.#steps.slice(this.#index + 1).reduce((sum, { seconds }) => sum + seconds, 0);
    const passed = (this.#nowMs() - this.#begunMs) / 1000;
    return later + Math.max(0, (this.#steps[this.#index]?.seconds ?? 0) - passed);
  }

  #write(line: string): void {
    this.#output.write(this.#output.isTTY === true ? `\r\x1b[K${line}` : `${line}\n`);
  }
}

/** A line beside the result, for whoever waits for it. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `about 4 min`: no more exact than an estimate is. */
export function durationText(seconds: number): string {
  return seconds < 90
    ? `about ${Math.max(1, Math.round(seconds / 10)) * 10} s`
    : `about ${Math.round(seconds / 60)} min`;
}
