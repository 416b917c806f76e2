/** The first server process could not serve, and so no other could. The message is one line for the operator. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;

  constructor(line: string, exitCode: number) {
    super(line);
    this.exitCode = exitCode;
  }
}
