const newline = 10;

/** Cuts what comes in pieces of any size, as from a pipe, at the ends of lines. */
export class WholeLines {
  /** The beginning of a line whose end has not come yet. It is lost when its writer dies before. */
  #begun: readonly Buffer[] = [];

  /** All lines that are whole by now, and how many they are; null if this piece ends none. */
  take(piece: Buffer): { readonly bytes: Buffer; readonly lines: number } | null {
    const end = piece.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#begun = [...this.#begun, piece];
      return null;
    }
    const whole = piece.subarray(0, end);
    const bytes = this.#begun.length === 0 ? whole : Buffer.concat([...this.#begun, whole]);
    this.#begun = end === piece.length ? [] : [piece.subarray(end)];
    return { bytes, lines: countOf(whole) };
  }
}

function countOf(whole: Buffer): number {
  let lines = 0;
  for (let at = whole.indexOf(newline); at !== -1; at = whole.indexOf(newline, at + 1)) {
    lines += 1;
  }
  return lines;
}
