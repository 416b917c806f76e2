import { fstatSync, write } from 'node:fs';

/** Where log lines go. */
export interface LogSink {
  /** Begins a sentence: "Standard output". */
  readonly name: string;
  /** What an operator can do when it cannot be written. Ends a sentence. */
  readonly advice: string;
  /**
   * Writes some of `bytes`, at least one unless it is empty, and resolves to how many. Rejects when none were written, so that the
   * caller may try the same bytes again.
   */
  write(bytes: Buffer): Promise<number>;
  /** Makes the next write open its target first. Only a sink with a path has it. */
  reopen?(): void;
  /** Whether trying again is pointless after this error. */
  isLost(error: unknown): boolean;
  close(): Promise<void>;
}

/** The code of a system error such as `ENOSPC`, or its message. */
export function errorCode(error: unknown): string {
  return error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error);
}

export type Stdout = NodeJS.WritableStream & { readonly fd?: number; readonly isTTY?: boolean };

/**
 * Standard output without a wait on the event loop, whatever it is connected to.
 *
 * A pipe or a socket is written through its stream, which Node keeps in non-blocking mode. (A write of the
 * descriptor in the thread pool would do as well, but while nobody reads the pipe that thread could not be
 * ended, and the process would hang at its exit.) For a file, a terminal or a device Node's stream writes
 * synchronously, so its descriptor is written in the thread pool instead; on Windows only the stream knows
 * how to write to a console.
 */
export function openStdout(stdout: Stdout): LogSink {
  return stdout.fd !== undefined && process.platform !== 'win32' && isFileOrDevice(stdout.fd)
    ? descriptorSink(stdout.fd)
    : streamSink(stdout);
}

function isFileOrDevice(fd: number): boolean {
  const stats = fstatSync(fd);
  return stats.isFile() || stats.isCharacterDevice();
}

const stdoutSink = { name: 'Standard output', close: async () => undefined };

function descriptorSink(fd: number): LogSink {
  return {
    ...stdoutSink,
    advice: 'make room where it goes to',
    // EIO: the terminal is gone. A full disk may get room again.
    isLost: (error) => errorCode(error) === 'EIO',
    write: (bytes) =>
      new Promise((resolve, reject) => {
        write(fd, bytes, (error, written) => (error ? reject(error) : resolve(written)));
      }),
  };
}

function streamSink(stream: NodeJS.WritableStream): LogSink {
  // The callback of write() tells of the error too; without a listener the event would end the process.
  stream.on('error', () => undefined);
  return {
    ...stdoutSink,
    advice: 'let its reader keep up, or raise LOG_LEVEL',
    // A stream does not work again after an error: its reader has gone.
    isLost: () => true,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve(bytes.length)));
      }),
  };
}
