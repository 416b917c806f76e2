import { describe, expect, it } from 'vitest';
import { counterExample } from './counter-example.ts';
import { moveOf, numberOfMove, ordersOf } from './move.ts';
import { Packer, type Scene, unpacked } from './scene.ts';
import { Search } from './search.ts';
import { smallWorlds } from './worlds.ts';

/** Seconds on an idle machine. The limit is for what hangs. */
const timeout = 300_000;

describe('every state that a small world can come to', () => {
  it.each(smallWorlds)(
    'keeps every promise, and everything open can come to its end: $name',
    { timeout },
    (world) => {
      const search = new Search(world);
      const explored = search.run();
      expect(explored.wrong && counterExample(search, explored.wrong)).toBeNull();
      expect(explored).toMatchObject({ isComplete: true, frontier: 0 });
      expect(explored.askedAgain).toBeGreaterThan(0);
    },
  );
});

describe('a state', () => {
  const scene: Scene = {
    isLastMs: true,
    shelves: [
      { stock: 2, held: 1, changes: 2 },
      { stock: 0, held: 0, changes: 1 },
    ],
    roles: [
      { product: 2, story: 70_000 },
      { product: 0, story: 0 },
      { product: 1, story: 3 },
    ],
  };

  it('is the same whoever of the buyers is who, and whichever of the products is which', () => {
    const [first, second, third] = scene.roles;
    const turned = (product: number) => (product === 0 ? 0 : 3 - product);
    const other: Scene = {
      isLastMs: true,
      shelves: scene.shelves.toReversed(),
      roles: [third, first, second].flatMap((role) =>
        role === undefined ? [] : { ...role, product: turned(role.product) },
      ),
    };
    const words = new Packer(3).pack(scene);
    expect(new Packer(3).pack(other)).toEqual(words);
    const again = unpacked(words, 0, 2, 3);
    expect(new Packer(3).pack(again)).toEqual(words);
    expect([scene.isLastMs, again.isLastMs]).toEqual([true, true]);
  });

  it.each<[string, Partial<Scene>]>([
    ['the instant', { isLastMs: false }],
    ['a counter', { shelves: scene.shelves.map((shelf) => ({ ...shelf, held: shelf.held + 1 })) }],
    ['a story', { roles: scene.roles.map((role) => ({ ...role, story: role.story + 1 })) }],
    ['whose hold is of which product', { roles: scene.roles.map((role) => ({ ...role, product: 1 })) }],
  ])('is another one when %s differs', (_, over) => {
    expect(new Packer(3).pack({ ...scene, ...over })).not.toEqual(new Packer(3).pack(scene));
  });
});

describe('a step', () => {
  it('is known by its number', () => {
    for (const move of [
      { kind: 'time' },
      { kind: 'comes back', place: 2 },
      { kind: 'batch', acts: [{ verb: 'holdsOne', place: 0 }], tie: 0 },
      { kind: 'batch', acts: [{ verb: 'shrinks', place: 1 }], tie: 5 },
    ] as const) {
      expect(moveOf(numberOfMove(move))).toEqual(move);
    }
  });

  it('is tried with overdue holds in every order', () => {
    expect(ordersOf(3)).toEqual([
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]);
  });
});
