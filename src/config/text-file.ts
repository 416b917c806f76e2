import { readFileSync, type Stats, statSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

const utf8Mark = [0xef, 0xbb, 0xbf];

/**
 * The text of a file from a person's editor, without the byte-order mark of editors on Windows.
 *
 * @param what names the file at the beginning of a message
 * @throws ConfigError for UTF-16; the error of the file system when the file cannot be read
 */
export function readTextFile(path: string, what: string): string {
  const bytes = readFileSync(path);
  // UTF-16 begins with one of two marks. Without a mark each ASCII letter has a zero byte beside it, which text in UTF-8 never has.
  const isUtf16 = [0xfe, 0xff].includes(bytes[0] ?? 0) && [0xfe, 0xff].includes(bytes[1] ?? 0);
  if (isUtf16 || bytes.includes(0)) {
    throw new ConfigError(`${what}: expected text in UTF-8, got UTF-16 or binary data: save it as UTF-8`);
  }
  return bytes
    .subarray(utf8Mark.every((byte, index) => bytes[index] === byte) ? utf8Mark.length : 0)
    .toString();
}

/** Why a file cannot be read: the code of the system, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** The file's owner and mode, where users other than its owner have a right to it; otherwise null. Null on Windows, which ignores modes. */
export function openToOthers(path: string): Stats | null {
  const stats = process.platform === 'win32' ? null : statSync(path);
  return stats !== null && (stats.mode & 0o077) !== 0 ? stats : null;
}

/** The mode as `chmod` takes it. */
export function modeText({ mode }: Stats): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
