import { describe, expect, it } from 'vitest';
import {
  aHold,
  aProduct,
  changeStock,
  createHold,
  createProduct,
  noonMs,
  noonSecondMs,
  updateProduct,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';

describe('the product in an answer is as it was right after its command', () => {
  const products = (commands: readonly Command[]) => {
    const world = worldOf({
      products: [aProduct()],
      holds: [aHold(), aHold({ id: 80, quantity: 3, expiresAtMs: noonSecondMs + 90_000 })],
    });
    return world
      .batch(commands, noonMs)
      .outcomes.flatMap((outcome) => ('product' in outcome ? [outcome.product] : []));
  };
  const letGo: Command = { kind: 'release_hold', holdId: 70 };
  const letOtherGo: Command = { kind: 'release_hold', holdId: 80 };
  const first = noonSecondMs + 60_000;

  type Case = readonly [string, readonly Command[], readonly object[]];
  const cases: readonly Case[] = [
    [
      'before another edit of the batch',
      [updateProduct({ name: 'A' }), updateProduct({ price: 5 }), updateProduct({ name: 'C' })],
      [
        { name: 'A', priceMinor: 119_999 },
        { name: 'A', priceMinor: 500 },
        { name: 'C', priceMinor: 500 },
      ],
    ],
    [
      'before another change of the stock and a hold',
      [createHold(), changeStock(3), changeStock(-1, { stockChangeId: 902 })],
      [
        { stock: 13, heldStock: 5, nextReleaseAtMs: first },
        { stock: 12, heldStock: 5, nextReleaseAtMs: first },
      ],
    ],
    [
      'between holds that go',
      [
        changeStock(1),
        letGo,
        changeStock(1, { stockChangeId: 902 }),
        letOtherGo,
        updateProduct(),
        createHold(),
      ],
      [
        { stock: 11, heldStock: 5, nextReleaseAtMs: first },
        { stock: 12, heldStock: 3, nextReleaseAtMs: noonSecondMs + 90_000 },
        { stock: 12, heldStock: 0, nextReleaseAtMs: null },
      ],
    ],
    [
      'before an edit of the new product',
      [createProduct(), updateProduct({ productId: 2, name: 'B' })],
      [
        { id: 2, name: 'Flash Phone', stock: 50, heldStock: 0, nextReleaseAtMs: null, version: 1 },
        { id: 2, name: 'B', version: 1 },
      ],
    ],
  ];

  it.each(cases)('%s', (_case, commands, expected) => {
    expect(products(commands)).toMatchObject(expected);
  });

  it('with the version that the batch gives it', () => {
    const world = worldOf({ products: [aProduct({ version: 7 })] });
    const { outcomes, snapshots } = world.batch([changeStock(3)], noonMs);
    expect(outcomes).toEqual([{ kind: 'stock_changed', product: snapshots.get(1) }]);
    expect(snapshots.get(1)).toMatchObject({ version: 8 });
    expect(world.batch([changeStock(3)], noonMs, true).outcomes).toEqual(outcomes);
  });
});
