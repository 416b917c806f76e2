import { expect, it } from 'vitest';
import { newId } from './new-id.ts';

it('makes ids of 53 bits that JSON carries exactly, each another one', () => {
  const ids = Array.from({ length: 3_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !Number.isSafeInteger(id) || id <= 0)).toEqual([]);
  // Of random bits each is set in about half of the ids; that it is so in none or in all happens once in 2 ** 3000 runs.
  for (let bit = 0; bit < 53; bit += 1) {
    const set = ids.filter((id) => Math.floor(id / 2 ** bit) % 2 === 1).length;
    expect([bit, set > 0, set < ids.length]).toEqual([bit, true, true]);
  }
});
