import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WholeLines } from './whole-lines.ts';

it('gives the same lines however the text is cut, and says how many', () => {
  const line = fc.string({ unit: fc.constantFrom('a', '{', 'é', ' '), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 12 })), (texts, cuts) => {
      const sent = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      const pieces = new WholeLines();
      const got: Buffer[] = [];
      let lines = 0;
      let at = 0;
      for (const size of [...cuts, sent.length]) {
        const taken = pieces.take(sent.subarray(at, at + size));
        at += size;
        if (taken !== null) {
          expect(taken.bytes.at(-1)).toBe(10);
          got.push(taken.bytes);
          lines += taken.lines;
        }
      }
      expect(Buffer.concat(got)).toEqual(sent);
      expect(lines).toBe(texts.length);
    }),
  );
});

it('keeps a line back that was never ended', () => {
  const pieces = new WholeLines();
  expect(pieces.take(Buffer.from('{"a":'))).toBeNull();
  expect(pieces.take(Buffer.from('1}\n{"b'))?.bytes.toString()).toBe('{"a":1}\n');
});
