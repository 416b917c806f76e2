import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../domain/commands.ts';
import { CommandQueue, type Waiting } from './queue.ts';

function waiting(id: number, kind: 'create_hold' | 'release_hold'): Waiting {
  const command: Command =
    kind === 'create_hold'
      ? { kind, holdId: id, productId: 1, quantity: 1, idempotencyKey: null }
      : { kind, holdId: id };
  return { command, maybeCommitted: false, sinceMs: 0, answer: () => {} };
}

function idsOf(taken: readonly Waiting[]): number[] {
  return taken.map(({ command }) => ('holdId' in command ? (command.holdId ?? 0) : 0));
}

describe('the command queue', () => {
  it('gives commands back in order of arrival, all else before new holds', () => {
    const queue = new CommandQueue(10);
    queue.add(waiting(1, 'create_hold'));
    queue.add(waiting(2, 'release_hold'));
    queue.add(waiting(3, 'create_hold'));
    queue.add(waiting(4, 'release_hold'));
    expect(queue.size).toBe(4);
    expect(idsOf(queue.take(3))).toEqual([2, 4, 1]);
    expect(idsOf(queue.take(3))).toEqual([3]);
    expect(idsOf(queue.take(3))).toEqual([]);
    expect(queue.size).toBe(0);
  });

  it('gives those that came before an instant, and leaves the others where they stand', () => {
    const queue = new CommandQueue(10);
    expect(queue.oldestSinceMs).toBeNull();
    queue.add({ ...waiting(1, 'create_hold'), sinceMs: 100 });
    queue.add({ ...waiting(2, 'release_hold'), sinceMs: 101 });
    queue.add({ ...waiting(3, 'create_hold'), sinceMs: 102 });
    expect(queue.oldestSinceMs).toBe(100);
    expect(idsOf(queue.takeOlderThan(100))).toEqual([]);
    expect(idsOf(queue.takeOlderThan(102))).toEqual([2, 1]);
    expect(queue.oldestSinceMs).toBe(102);
    expect(idsOf(queue.take(10))).toEqual([3]);
  });

  it('gives those that came before an instant also when some were taken before', () => {
    const queue = new CommandQueue(10);
    for (const id of [1, 2, 3, 4, 5]) {
      queue.add({ ...waiting(id, 'release_hold'), sinceMs: id });
    }
    expect(idsOf(queue.take(1))).toEqual([1]);
    expect(queue.oldestSinceMs).toBe(2);
    expect(idsOf(queue.takeOlderThan(3))).toEqual([2]);
    expect(idsOf(queue.take(10))).toEqual([3, 4, 5]);
    expect(queue.oldestSinceMs).toBeNull();
  });

  it('bounds each line for itself', () => {
    const queue = new CommandQueue(2);
    expect([1, 2, 3].map((id) => queue.add(waiting(id, 'create_hold')))).toEqual([true, true, false]);
    expect([4, 5, 6].map((id) => queue.add(waiting(id, 'release_hold')))).toEqual([true, true, false]);
    queue.take(1);
    expect(queue.add(waiting(7, 'release_hold'))).toBe(true);
    expect(queue.add(waiting(8, 'create_hold'))).toBe(false);
    expect(idsOf(queue.take(10))).toEqual([5, 7, 1, 2]);
  });

  it('puts commands back to where they stood, even when their line is full', () => {
    const queue = new CommandQueue(3);
    for (const id of [1, 2, 3]) {
      queue.add(waiting(id, 'create_hold'));
    }
    const [first, second] = queue.take(2);
    queue.add(waiting(4, 'create_hold'));
    queue.add(waiting(5, 'create_hold'));
    queue.putBack([first, second].filter((entry) => entry !== undefined));
    expect(queue.size).toBe(5);
    expect(queue.add(waiting(6, 'create_hold'))).toBe(false);
    expect(idsOf(queue.take(10))).toEqual([1, 2, 3, 4, 5]);
  });

  it('behaves like two plain lists, however it is used', () => {
    const step = fc.oneof(
      fc.record({
        add: fc.constantFrom('create_hold', 'release_hold'),
        times: fc.integer({ min: 1, max: 900 }),
      }),
      fc.record({ take: fc.integer({ min: 1, max: 900 }), putBackEvery: fc.integer({ min: 0, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const queue = new CommandQueue(2_000);
        let holds: number[] = [];
        let others: number[] = [];
        let nextId = 1;
        for (const each of steps) {
          if ('add' in each) {
            for (let count = 0; count < each.times; count += 1) {
              const line = each.add === 'create_hold' ? holds : others;
              const fits = line.length < 2_000;
              expect(queue.add(waiting(nextId, each.add as 'create_hold' | 'release_hold'))).toBe(fits);
              if (fits) {
                line.push(nextId);
              }
              nextId += 1;
            }
          } else {
            const expected = [...others, ...holds].slice(0, each.take);
            const taken = queue.take(each.take);
            expect(idsOf(taken)).toEqual(expected);
            const back = taken.filter((_, index) => each.putBackEvery > 0 && index % each.putBackEvery === 0);
            queue.putBack(back);
            const gone = new Set(expected.filter((id) => !idsOf(back).includes(id)));
            holds = holds.filter((id) => !gone.has(id));
            others = others.filter((id) => !gone.has(id));
          }
          expect(queue.size).toBe(holds.length + others.length);
        }
        expect(idsOf(queue.take(10_000))).toEqual([...others, ...holds]);
      }),
      { numRuns: 60 },
    );
  });
});
