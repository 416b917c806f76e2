import { describe, expect, it } from 'vitest';
import { CopyProgress } from './copy-progress.ts';

function written(isTTY: boolean, work: (progress: CopyProgress) => void): readonly string[] {
  const texts: string[] = [];
  work(new CopyProgress({ isTTY, write: (text: string) => texts.push(text) }));
  return texts;
}

describe('the progress of a copy', () => {
  it('is one line with a bar that grows on a terminal, and is gone at the end', () => {
    const texts = written(true, (progress) => {
      progress.copied(0.1);
      progress.copied(0.999);
      progress.verifying();
      progress.end();
    });
    expect(texts).toEqual([
      `\r\x1b[KCopying [${'#'.repeat(3)}${'-'.repeat(27)}]  10 %`,
      `\r\x1b[KCopying [${'#'.repeat(29)}-]  99 %`,
      '\r\x1b[KVerifying the copy',
      '\r\x1b[K',
    ]);
  });

  it('is a plain line for each quarter elsewhere', () => {
    const texts = written(false, (progress) => {
      for (let part = 0; part < 1; part += 0.01) {
        progress.copied(part);
      }
      progress.verifying();
      progress.end();
    });
    expect(texts).toEqual(['Copied 25 %\n', 'Copied 50 %\n', 'Copied 75 %\n', 'Verifying the copy\n']);
  });
});
