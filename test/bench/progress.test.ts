import { expect, it } from 'vitest';
import { Progress } from '../../bench/measure/progress.ts';

function progress(isTTY: boolean) {
  const written: string[] = [];
  let nowMs = 0;
  const steps = [
    { name: 'holds', seconds: 60 },
    { name: 'views', seconds: 240 },
  ];
  const output = { isTTY, write: (text: string) => written.push(text) };
  return {
    written,
    pass: (seconds: number) => {
      nowMs += 1000 * seconds;
    },
    told: new Progress(steps, output, () => nowMs),
  };
}

it('says what is done now, and how long all may still take, in one line that changes', () => {
  const { told, pass, written } = progress(true);
  told.begin(0);
  told.say('round 1 of 5');
  pass(50);
  told.say('round 5 of 5');
  pass(100);
  told.say('audit');
  told.begin(1);
  pass(200);
  told.say('round 5 of 5');
  told.end();
  expect(written.map((text) => text.replace('\r\x1b[K', ''))).toEqual([
    '1 of 2: holds: starting; about 5 min left',
    '1 of 2: holds: round 1 of 5; about 5 min left',
    '1 of 2: holds: round 5 of 5; about 4 min left',
    '1 of 2: holds: audit; about 4 min left',
    '2 of 2: views: starting; about 4 min left',
    '2 of 2: views: round 5 of 5; about 40 s left',
    '',
  ]);
  expect(written.every((text) => text.startsWith('\r\x1b[K') && !text.includes('\n'))).toBe(true);
});

it('writes a line for each comparison where nobody watches', () => {
  const { told, written } = progress(false);
  told.begin(0);
  told.say('round 1 of 5');
  told.begin(1);
  told.end();
  expect(written).toEqual([
    '1 of 2: holds: starting; about 5 min left\n',
    '2 of 2: views: starting; about 4 min left\n',
  ]);
});
