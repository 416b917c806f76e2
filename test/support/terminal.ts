/** A number as people read it: `1,234,567`. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** On a terminal, takes away the line that changes, so that the next text begins where it began. */
export function clearLine(): void {
  if (process.stderr.isTTY) {
    process.stderr.write('\r\u001b[2K');
  }
}
