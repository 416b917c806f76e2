import { existsSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { ConfigError } from './config-error.ts';
import { codeOf, modeText, openToOthers, readTextFile } from './text-file.ts';

/** Container engines put secrets here and choose the mode: 0444 with Docker. */
const secretsFolder = '/run/secrets/';

/**
 * The value of a secret from the file that its `NAME_FILE` variable names.
 *
 * @param variable `ADMIN_TOKEN_FILE`, with the place where it is set
 * @param warn receives a line for the operator when other users can read the file
 * @throws ConfigError when the file cannot be read or is empty
 */
export function readSecretFile(variable: string, path: string, warn: (line: string) => void): string {
  const text = textOf(variable, path).replace(/\r?\n$/, '');
  if (text.trim() === '') {
    throw new ConfigError(`${variable}: the file ${shown(path)} is empty: write the secret into it`);
  }
  const open = openToOthers(path);
  // Only the owner can change the mode. For a file of another user, such as root, an orchestrator chose it.
  if (open !== null && open.uid === process.geteuid?.() && !path.startsWith(secretsFolder)) {
    warn(
      `${variable}: the file ${shown(path)} is open to other users of this machine (mode ${modeText(open)}): run chmod 600 on it`,
    );
  }
  return text;
}

function textOf(variable: string, path: string): string {
  try {
    return readTextFile(path, `${variable}: the file ${shown(path)}`);
  } catch (error) {
    if (error instanceof ConfigError) {
      throw error;
    }
    throw new ConfigError(
      `${variable}: the file ${shown(path)} cannot be read (${codeOf(error)}): correct the path, or make the file readable for this user`,
    );
  }
}

/**
 * The secret itself may stand in the place of the path, and one secret of 64 in base64 begins with a slash. So a path is shown only when
 * it begins with `./` or `../`, when it exists, or when its folder exists and is not the root.
 */
function shown(path: string): string {
  const folder = dirname(path);
  const isPath =
    path.startsWith('./') ||
    path.startsWith('../') ||
    (isAbsolute(path) && (existsSync(path) || (folder !== dirname(folder) && existsSync(folder))));
  return isPath ? JSON.stringify(path) : '(not shown, because it may be the secret itself)';
}
