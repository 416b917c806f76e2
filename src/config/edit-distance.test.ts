import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editDistance } from './edit-distance.ts';

it.each([
  ['', '', 0],
  ['PORT', 'PORT', 0],
  ['', 'PORT', 4],
  ['PRT', 'PORT', 1],
  ['PORTS', 'PORT', 1],
  ['PART', 'PORT', 1],
  ['PROT', 'PORT', 1],
  ['DATABSE_URL', 'DATABASE_URL', 1],
  ['OPRT', 'PORT', 1],
  ['TROP', 'PORT', 3],
])('finds between "%s" and "%s" a distance of %i', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

it('is the same in both directions, and 0 only for equal names', () => {
  const name = fc.string({ unit: fc.constantFrom('A', 'B', '_'), maxLength: 8 });
  fc.assert(
    fc.property(name, name, (from, to) => {
      expect(editDistance(from, to)).toBe(editDistance(to, from));
      expect(editDistance(from, to) === 0).toBe(from === to);
    }),
  );
});
