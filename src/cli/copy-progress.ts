/** Standard error, so that standard output has the result alone. */
export type ProgressOutput = { readonly isTTY?: boolean; write(text: string): unknown };

const barWidth = 30;
/** Without a terminal a line for each of these parts. */
const lineEvery = 0.25;

/** How far a copy is: a bar on a terminal, a few plain lines elsewhere. */
export class CopyProgress {
  readonly #output: ProgressOutput;
  #saidPart = 0;

  constructor(output: ProgressOutput = process.stderr) {
    this.#output = output;
  }

  /** @param part of 1 */
  copied(part: number): void {
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    if (this.#output.isTTY === true) {
      const full = Math.floor(part * barWidth);
      this.#output.write(`\r\x1b[KCopying [${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ${percent}`);
    } else if (part >= this.#saidPart + lineEvery) {
      this.#saidPart = Math.floor(part / lineEvery) * lineEvery;
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
