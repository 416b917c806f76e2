import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { besideDatabase } from './dialects/sqlite-files.ts';
import { shellWord } from './shell-word.ts';
import { sqlitePath } from './sqlite-path.ts';

const forOthers = 0o077;
const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * The command that removes the rights of other users to the database's files. Null where other users have no rights, and for a database
 * without files. Files of an earlier version have mode 0644.
 */
export function modeFix(databaseUrl: string): string | null {
  const path = sqlitePath(databaseUrl);
  if (path === null || path === ':memory:' || process.platform === 'win32') {
    return null;
  }
  const files = [path, ...besideDatabase.map((ending) => path + ending)];
  const wide = files.filter((file) => ((modeOf(file) ?? 0) & forOthers) !== 0);
  const commands = [
    ...(wide.length === 0 ? [] : [`chmod 600 ${wide.map(shellWord).join(' ')}`]),
    ...folderFix(dirname(path), basename(path)),
  ];
  return commands.length === 0 ? null : commands.join(' && ');
}

/** Other users may need a folder with other contents, such as `/var/lib`. There only the right to replace the files is removed. */
function folderFix(folder: string, name: string): readonly string[] {
  const mode = modeOf(folder) ?? 0;
  if ((mode & forOthers) === 0) {
    return [];
  }
  if (namesIn(folder).every((each) => each.startsWith(name))) {
    return [`chmod 700 ${shellWord(folder)}`];
  }
  return (mode & writableByOthers) !== 0 && (mode & sticky) === 0 ? [`chmod go-w ${shellWord(folder)}`] : [];
}

function modeOf(path: string): Stats['mode'] | null {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? null;
}

/** A folder that cannot be listed counts as a folder with other contents. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return ['?'];
  }
}
