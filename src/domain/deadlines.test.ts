import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Deadlines } from './deadlines.ts';

it('has the earliest of the deadlines that were added and not removed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }))), (steps) => {
      const deadlines = new Deadlines();
      const expected: number[] = [];
      for (const [isAdded, deadlineMs] of steps) {
        if (isAdded) {
          deadlines.add(deadlineMs);
          expected.push(deadlineMs);
        } else if (expected.includes(deadlineMs)) {
          deadlines.remove(deadlineMs);
          expected.splice(expected.indexOf(deadlineMs), 1);
        }
        expect(deadlines.earliestMs).toBe(expected.length === 0 ? null : Math.min(...expected));
        expect(deadlines.has(deadlineMs)).toBe(expected.includes(deadlineMs));
      }
    }),
  );
});
