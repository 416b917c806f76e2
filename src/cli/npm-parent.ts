import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Reading `ppid` takes less than a microsecond. A port that stays taken for one more second does little harm. */
const askEveryMs = 1_000;

/** Read when the process starts, because npm may end soon after. */
const parent = process.ppid;

/** Whether `npm start` of this project started this process. With `exec` in that script npm is its parent. */
export function isStartedByNpm(): boolean {
  const { npm_lifecycle_event: script, npm_package_json: packageJson = '' } = process.env;
  return script === 'start' && realPath(packageJson) === realPath(ownPackageJson);
}

const ownPackageJson = fileURLToPath(new URL('../../package.json', import.meta.url));

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/**
 * Resolves when npm has ended without a signal to this process, as after `kill -9` or in a terminal that was closed. npm ends at
 * SIGHUP and this process does not, so it would keep the port without a parent. The parent's id never changes on Windows.
 */
export function npmIsGone(): Promise<{ readonly reason: string }> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid !== parent) {
        clearInterval(timer);
        resolve({ reason: 'npm is gone' });
      }
    }, askEveryMs);
    timer.unref();
  });
}
