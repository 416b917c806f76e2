import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Ends } from './ends.ts';
import type { Fault } from './fault.ts';

const sizeMb = 64;
/** Small enough at the end that what is left takes no page of a database. */
const pieces = [2 ** 20, 2 ** 12];

/** A folder in memory that is soon full, where the user may mount one. */
export class SmallDisk {
  /** For data. */
  readonly folder: string;
  /** Null: this user may mount nothing, so it is a plain folder. */
  readonly full: Fault | null;

  private constructor(folder: string, isSmall: boolean) {
    this.folder = folder;
    const filler = join(folder, 'filler');
    this.full = isSmall
      ? {
          kind: 'disk full',
          victim: 'the disk',
          lastsMs: [500, 5_000],
          begin: async () => fill(filler),
          end: async () => rmSync(filler, { force: true }),
        }
      : null;
  }

  static mount(parent: string, ends: Ends): SmallDisk {
    const folder = join(parent, 'disk');
    mkdirSync(folder);
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'small-disk', folder]);
    if (status === 0) {
      ends.add(async () => {
        // Lazily: a process that is about to end may still have a file open.
        spawnSync('umount', ['--lazy', folder]);
      });
    }
    return new SmallDisk(folder, status === 0);
  }
}

/** Writes until the system refuses the smallest piece. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const bytes of pieces) {
      const piece = Buffer.alloc(bytes, 1);
      while (isWritten(file, piece)) {}
    }
  } finally {
    closeSync(file);
  }
}

function isWritten(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) > 0;
  } catch {
    return false;
  }
}
