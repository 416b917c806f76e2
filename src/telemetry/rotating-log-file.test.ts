import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RotatingLogFile } from './rotating-log-file.ts';

let folder: string;
let path: string;
let reports: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-rotation-'));
  path = join(folder, 'sale.log');
  reports = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Room for ten lines of ten bytes, in three files. */
function rotatingFile(filesMax = 3): RotatingLogFile {
  return new RotatingLogFile(path, (line) => reports.push(line), { bytesMax: 100, filesMax });
}

async function writeLines(file: RotatingLogFile, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    await file.write(Buffer.from(`line ${String(number).padStart(4, '0')}\n`));
  }
}

const numbersIn = (name: string) =>
  [...readFileSync(join(folder, name), 'utf8').matchAll(/line (\d+)/g)].map((match) => Number(match[1]));

describe('rotation', () => {
  it('keeps the youngest lines at the given path and the rest in numbered files, the oldest not at all', async () => {
    const file = rotatingFile();
    await writeLines(file, 1, 45);
    await file.close();
    expect(readdirSync(folder).sort()).toEqual(['sale.log', 'sale.log.1', 'sale.log.2']);
    expect(numbersIn('sale.log')).toEqual([41, 42, 43, 44, 45]);
    expect(numbersIn('sale.log.1')).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    expect(numbersIn('sale.log.2')).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(reports).toEqual([]);
  });

  it('counts what was in the file before the start', async () => {
    const before = rotatingFile();
    await writeLines(before, 1, 8);
    await before.close();
    const after = rotatingFile();
    await writeLines(after, 9, 12);
    await after.close();
    expect(numbersIn('sale.log')).toEqual([11, 12]);
    expect(numbersIn('sale.log.1')).toHaveLength(10);
  });

  it('takes lines that are longer than a file in one piece', async () => {
    const file = rotatingFile();
    await writeLines(file, 1, 1);
    await file.write(Buffer.from(`${'x'.repeat(300)}\n`));
    await writeLines(file, 2, 2);
    await file.close();
    expect(statSync(join(folder, 'sale.log.1')).size).toBe(301);
    expect(numbersIn('sale.log')).toEqual([2]);
  });

  it('that fails says so once and loses no line', async () => {
    mkdirSync(join(folder, 'sale.log.1/in-the-way'), { recursive: true });
    const file = rotatingFile(2);
    await writeLines(file, 1, 35);
    await file.close();
    expect(numbersIn('sale.log')).toHaveLength(35);
    expect(reports).toEqual([
      expect.stringMatching(/^Log file \S+ cannot be rotated \(E\w+\): it grows on and no line is lost; /),
    ]);
  });
});

it('lets several processes share the file, and its rotation, without losing a line', async () => {
  const [one, two] = [rotatingFile(50), rotatingFile(50)];
  for (let number = 1; number <= 200; number += 2) {
    await writeLines(one, number, number);
    await writeLines(two, number + 1, number + 1);
  }
  await Promise.all([one.close(), two.close()]);
  const numbers = readdirSync(folder).flatMap(numbersIn);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  expect(readdirSync(folder)).toHaveLength(20);
});

it('follows an outside rotation: a file that was moved away keeps its lines, the path gets a new file', async () => {
  const file = rotatingFile();
  await writeLines(file, 1, 3);
  renameSync(path, join(folder, 'moved.log'));
  await writeLines(file, 4, 5);
  await file.close();
  expect([numbersIn('moved.log'), numbersIn('sale.log')]).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(reports).toEqual([]);
});

it.skipIf(process.platform === 'win32')('is not readable by other users', async () => {
  const file = rotatingFile();
  await writeLines(file, 1, 1);
  await file.close();
  expect(statSync(path).mode & 0o007).toBe(0);
});

it.skipIf(process.platform === 'win32')('fails at once on a named pipe that nobody reads', async () => {
  execFileSync('mkfifo', [path]);
  await expect(writeLines(rotatingFile(), 1, 1)).rejects.toThrow('ENXIO');
  expect(existsSync(path)).toBe(true);
});
