import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/needing.ts';
import { firstMissing, programPath } from '../support/programs.ts';

const unit = 'deploy/flash-sale.service';

/** systemd calls a greater exposure a medium risk or worse. */
const exposureMax = 3;

function analyze(given: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(programPath('systemd-analyze') ?? 'systemd-analyze', given, {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

const settings = readFileSync(unit, 'utf8')
  .split('\n')
  .filter((line) => /^\w+=/.test(line));

describe(unit, () => {
  it.each([
    ['keeps files of the service from other users', 'UMask=0077'],
    ['keeps the folder of the database from other users', 'StateDirectoryMode=0700'],
    ['starts the service again after every end', 'Restart=always'],
    ['reopens the log file on reload', 'ExecReload=/bin/kill -HUP $MAINPID'],
  ])('%s', (_promise, setting) => {
    expect(settings).toContain(setting);
  });

  it('lets V8 make memory that is written and executed', () => {
    expect(settings.filter((line) => line.startsWith('MemoryDenyWriteExecute'))).toEqual([]);
  });

  describeNeeding(firstMissing('systemd-analyze'))('by systemd-analyze', () => {
    it('has an exposure of at most 3', () => {
      const { said } = analyze(['security', '--offline=true', unit]);
      const exposure = Number(/exposure level for flash-sale\.service: ([\d.]+)/.exec(said)?.[1]);
      expect(exposure).toBeLessThanOrEqual(exposureMax);
    });

    it('is a valid unit with the program of this checkout', () => {
      const folder = mkdtempSync(join(tmpdir(), 'checkout-unit-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const here = join(folder, 'flash-sale.service');
      writeFileSync(here, readFileSync(unit, 'utf8').replaceAll('/opt/flash-sale', resolve('.')));
      expect(analyze(['verify', '--man=no', here])).toEqual({ status: 0, said: '' });
    });

    it('is called invalid with a setting that systemd does not know', () => {
      const folder = mkdtempSync(join(tmpdir(), 'checkout-unit-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const here = join(folder, 'flash-sale.service');
      writeFileSync(here, readFileSync(unit, 'utf8').replace('Restart=always', 'Restart=allways'));
      expect(analyze(['verify', '--man=no', here]).said).toContain('allways');
    });
  });
});
