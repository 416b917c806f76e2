import type { ProgressOutput } from './progress-output.ts';

const barWidth = 30;
/** Without a terminal, one line for each of these parts. */
const lineEvery = 0.25;

/** Shows the progress of a copy: a bar on a terminal, a few plain lines elsewhere. */
export class CopyProgress {
  readonly #output: ProgressOutput;
  #reportedPart = 0;

  constructor(output: ProgressOutput = process.stderr) {
    this.#output = output;
  }

  /** @param part from 0 to 1 */
  copied(part: number): void {
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    if (this.#output.isTTY === true) {
      const full = Math.floor(part * barWidth);
      this.#output.write(`\r\x1b[KCopying [${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ${percent}`);
    } else if (part >= this.#reportedPart + lineEvery) {
      this.#reportedPart = Math.floor(part / lineEvery) * lineEvery;
      this.#output.write(`Copied ${percent.trim()}\n`);
    }
  }

  verifying(): void {
    this.#output.write(this.#output.isTTY === true ? '\r\x1b[KVerifying the copy' : 'Verifying the copy\n');
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.#output.isTTY === true) {
      this.#output.write('\r\x1b[K');
    }
  }
}
