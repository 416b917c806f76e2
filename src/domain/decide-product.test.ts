import { describe, expect, it } from 'vitest';
import {
  aHold,
  aProduct,
  changeStock,
  createHold,
  createProduct,
  noonMs,
  noonSecondMs,
  rules,
  updateProduct,
  worldOf,
} from '../../test/support/domain-state.ts';
import { MemoryWorld } from '../../test/support/memory-world.ts';
import { productVersion } from './product-version.ts';

const endsTooEarly = {
  kind: 'refused',
  code: 'invalid_request',
  field: 'closes_at',
  message: 'expected an instant after opens_at',
};

describe('a new product', () => {
  it('has the id after the highest one, and its first stock as a recorded change', () => {
    const world = worldOf({ products: [aProduct({ id: 10 })] });
    const outcomes = world.batch(
      [createProduct(), createProduct({ stockChangeId: 901, stock: 0 })],
      noonMs,
    ).outcomes;
    expect(outcomes).toMatchObject([
      { kind: 'product_created', product: { id: 11, stock: 50, heldStock: 0, version: 1 } },
      { kind: 'product_created', product: { id: 12, stock: 0, heldStock: 0, version: 1 } },
    ]);
    expect(world.stockChanges.get(900)).toEqual({
      id: 900,
      productId: 11,
      change: 50,
      reason: 'first stock',
      createdAtMs: noonMs,
    });
  });

  it('is found, not made twice, after a commit whose outcome was unknown', () => {
    const world = worldOf({ products: [aProduct()] });
    const first = world.batch([createProduct()], noonMs);
    expect(world.batch([createProduct()], noonMs, true).outcomes).toEqual(first.outcomes);
    expect([world.products.size, world.stockChanges.size]).toEqual([2, 2]);
  });

  it.each([
    ['at once and without an end', {}],
    ['from an instant on', { opensAtMs: noonMs }],
    ['until an instant', { closesAtMs: noonMs }],
    ['for a millisecond', { opensAtMs: noonMs, closesAtMs: noonMs + 1 }],
  ])('is on sale %s', (_case, window) => {
    expect(worldOf({}).one(createProduct(window), noonMs)).toMatchObject({
      kind: 'product_created',
      product: { id: 1, opensAtMs: null, closesAtMs: null, ...window },
    });
  });

  it.each([0, -1])('is refused when its sale ends %d ms after it begins', (lengthMs) => {
    const window = { opensAtMs: noonMs, closesAtMs: noonMs + lengthMs };
    const decision = worldOf({}).batch([createProduct(window)], noonMs);
    expect(decision.outcomes).toEqual([endsTooEarly]);
    expect(decision.changes.products.inserted).toEqual([]);
  });

  it('is shown as it was made', () => {
    expect(
      worldOf({})
        .batch([createProduct({ opensAtMs: 5 })], noonMs)
        .snapshots.get(1),
    ).toEqual({
      asOfMs: noonMs,
      id: 1,
      name: 'Flash Phone',
      priceMinor: 119_999,
      currency: 'USD',
      stock: 50,
      heldStock: 0,
      nextReleaseAtMs: null,
      opensAtMs: 5,
      closesAtMs: null,
      version: 1,
    });
  });
});

describe('the demo products', () => {
  const seed = {
    kind: 'seed_products',
    products: [
      { name: 'Flash Phone', priceMinor: 119_999, currency: 'USD', stock: 50 },
      { name: 'Poster', priceMinor: 500, currency: 'JPY', stock: 3 },
    ],
  } as const;

  it('are put on sale in an empty shop, and only once', () => {
    const world = worldOf({});
    const first = world.batch([seed, seed], noonMs);
    expect(first.outcomes).toEqual([
      { kind: 'products_seeded', created: 2 },
      { kind: 'products_seeded', created: 0 },
    ]);
    expect([...world.products.values()]).toEqual(
      seed.products.map((product, index) => ({
        ...product,
        id: index + 1,
        held: 0,
        version: 1,
        opensAtMs: null,
        closesAtMs: null,
      })),
    );
    expect([...world.stockChanges.values()]).toMatchObject([
      { productId: 1, change: 50, reason: 'seed', createdAtMs: noonMs },
      { productId: 2, change: 3, reason: 'seed', createdAtMs: noonMs },
    ]);
    expect(world.one(seed, noonMs)).toEqual({ kind: 'products_seeded', created: 0 });
  });

  it('are left out where there is a product already', () => {
    expect(worldOf({ products: [aProduct()] }).one(seed, noonMs)).toEqual({
      kind: 'products_seeded',
      created: 0,
    });
  });
});

describe('changing a product', () => {
  it.each([
    ['its name', { name: 'Other' }, { name: 'Other' }],
    ['its price', { price: 0.01 }, { priceMinor: 1 }],
    ['its price to the highest', { price: 9_999_999.99 }, { priceMinor: 999_999_999 }],
    ['its window', { opensAtMs: 5, closesAtMs: 6 }, { opensAtMs: 5, closesAtMs: 6 }],
    ['nothing', {}, {}],
  ])('changes %s and nothing else', (_case, change, expected) => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    const before = world.products.get(1);
    world.one(updateProduct(change), noonMs);
    expect(world.products.get(1)).toEqual({ ...before, version: 2, ...expected });
  });

  it('takes a window away', () => {
    const world = worldOf({ products: [aProduct({ opensAtMs: noonMs + 1 })] });
    world.one(updateProduct({ opensAtMs: null }), noonMs);
    expect(world.one(createHold(), noonMs).kind).toBe('hold_created');
  });

  it.each([
    ['an unknown product', { productId: 2 }, {}, { code: 'product_not_found' }],
    [
      'more decimals than the currency has',
      { price: 1.005 },
      {},
      {
        code: 'invalid_request',
        field: 'price',
        message: 'expected at most 2 decimals, as USD has, got 1.005',
      },
    ],
    [
      'decimals of a currency without',
      { price: 1.5 },
      { currency: 'JPY' },
      { code: 'invalid_request', field: 'price' },
    ],
    ['a window that ends before it begins', { opensAtMs: 6, closesAtMs: 5 }, {}, endsTooEarly],
    ['an end before the opening it has', { closesAtMs: 5 }, { opensAtMs: 6 }, endsTooEarly],
    ['an opening at the end it has', { opensAtMs: 6 }, { closesAtMs: 6 }, endsTooEarly],
  ])('is refused for %s', (_case, change, product, refusal) => {
    const decision = worldOf({ products: [aProduct(product)] }).batch([updateProduct(change)], noonMs);
    expect(decision.outcomes).toMatchObject([{ kind: 'refused', ...refusal }]);
    expect(decision.changes.products.updated).toEqual([]);
  });
});

describe('an edit that names the version it is based on', () => {
  const current = productVersion(aProduct());
  const decided = (
    over: Parameters<typeof updateProduct>[0],
    product: Parameters<typeof aProduct>[0] = {},
  ) => {
    const world = worldOf({ products: [aProduct(product)], holds: [aHold()] });
    return world.one(updateProduct(over), noonMs);
  };

  it.each([
    ['any', null],
    ['the one that it has', [current]],
    ['one of several', ['a1b2', current]],
  ])('takes place with %s', (_case, expectedVersions) => {
    expect(decided({ name: 'Other', expectedVersions })).toMatchObject({
      kind: 'product_updated',
      product: { name: 'Other' },
    });
  });

  it.each([
    ['another one', ['a1b2']],
    ['none that can be', []],
  ])('is refused with %s, and says which one the product has', (_case, expectedVersions) => {
    expect(decided({ name: 'Other', expectedVersions })).toEqual({
      kind: 'refused',
      code: 'version_mismatch',
      version: current,
    });
  });

  it('concerns neither holds nor stock, so a sale does not take it away from an operator', () => {
    const world = worldOf({ products: [aProduct()] });
    for (const command of [createHold(), changeStock(5)]) {
      world.one(command, noonMs);
    }
    expect(world.products.get(1)?.version).toBe(3);
    expect(world.one(updateProduct({ price: 5, expectedVersions: [current] }), noonMs).kind).toBe(
      'product_updated',
    );
  });

  it('is made by the first of two in one batch only', () => {
    const world = worldOf({ products: [aProduct()] });
    const edits = [{ name: 'First' }, { price: 7 }].map((edit) =>
      updateProduct({ ...edit, expectedVersions: [current] }),
    );
    expect(world.submit(edits, noonMs)).toMatchObject([
      { kind: 'product_updated', product: { name: 'First' } },
      { kind: 'refused', code: 'version_mismatch' },
    ]);
    expect(world.products.get(1)).toMatchObject({ name: 'First', priceMinor: aProduct().priceMinor });
  });

  it('succeeds again when its answer was lost, and after a commit whose outcome was unknown', () => {
    const world = worldOf({ products: [aProduct()] });
    const edit = updateProduct({ name: 'Other', expectedVersions: [current] });
    world.batch([edit], noonMs);
    expect(world.batch([edit], noonMs, true).outcomes).toMatchObject([{ kind: 'product_updated' }]);
    expect(world.one(edit, noonMs).kind).toBe('product_updated');
    world.one(updateProduct({ name: 'Third' }), noonMs);
    expect(world.one(edit, noonMs)).toMatchObject({ code: 'version_mismatch' });
  });

  it('is refused for its version before its window is compared with a window that has changed', () => {
    expect(decided({ opensAtMs: 6, expectedVersions: ['a1b2'] }, { closesAtMs: 6 })).toMatchObject({
      code: 'version_mismatch',
    });
  });

  it('of an unknown product is not found', () => {
    expect(decided({ productId: 2, expectedVersions: ['a1b2'] })).toMatchObject({
      code: 'product_not_found',
    });
  });
});

describe('changing the stock', () => {
  const held = { products: [aProduct()], holds: [aHold({ quantity: 4 })] };

  it.each([
    ['more arrives', 5, 15],
    ['all that nobody holds is taken', -6, 4],
    ['the shelf is filled to the brim', 999_999_990, 1_000_000_000],
  ])('is recorded: %s', (_case, change, stock) => {
    const world = worldOf(held);
    expect(world.one(changeStock(change), noonMs)).toMatchObject({
      kind: 'stock_changed',
      product: { stock, heldStock: 4 },
    });
    expect(world.products.get(1)).toMatchObject({ stock, held: 4 });
    expect(world.stockChanges.get(901)).toEqual({
      id: 901,
      productId: 1,
      change,
      reason: 'delivery',
      createdAtMs: noonMs,
    });
  });

  it.each([
    ['an unknown product', changeStock(1, { productId: 2 }), { code: 'product_not_found' }],
    ['one unit of what is held', changeStock(-7), { code: 'stock_below_held', stock: 10, heldStock: 4 }],
    ['more than there is', changeStock(-11), { code: 'stock_below_held', stock: 10, heldStock: 4 }],
    [
      'more than a shelf has room for',
      changeStock(999_999_991),
      {
        code: 'invalid_request',
        field: 'change',
        message: 'expected a stock of at most 1000000000, got 1000000001',
      },
    ],
  ])('is refused for %s', (_case, command, refusal) => {
    const decision = worldOf(held).batch([command], noonMs);
    expect(decision.outcomes).toMatchObject([{ kind: 'refused', ...refusal }]);
    expect([decision.changes.stockChanges, decision.changes.products.updated]).toEqual([[], []]);
  });

  it('takes the units of overdue holds, and never those of active ones', () => {
    const rows = {
      products: [aProduct()],
      holds: [aHold({ quantity: 4, expiresAtMs: noonSecondMs }), aHold({ id: 72 })],
    };
    expect(worldOf(rows).one(changeStock(-9), noonMs)).toMatchObject({
      code: 'stock_below_held',
      heldStock: 2,
    });
    const world = worldOf(rows);
    expect(world.one(changeStock(-8), noonMs)).toMatchObject({
      kind: 'stock_changed',
      product: { stock: 2, heldStock: 2 },
    });
    expect(world.products.get(1)).toMatchObject({ stock: 2, held: 2 });
    expect(world.holds.get(70)?.status).toBe('released');
  });

  it('is there for the holds of the same batch', () => {
    const world = worldOf({ products: [aProduct({ stock: 0 })] });
    expect(world.submit([createHold(), changeStock(2)], noonMs).map((outcome) => outcome.kind)).toEqual([
      'hold_created',
      'stock_changed',
    ]);
  });

  it('is made once when the outcome of its commit was unknown', () => {
    const world = worldOf(held);
    world.batch([changeStock(5)], noonMs);
    expect(world.batch([changeStock(5)], noonMs, true).outcomes).toMatchObject([{ product: { stock: 15 } }]);
    expect(world.products.get(1)?.stock).toBe(15);
  });
});

describe('a price that the payment provider can never take', () => {
  const message = 'expected at least 0.5 USD, got 0.1';
  const refused = { kind: 'refused', code: 'invalid_request', field: 'price', message };
  const refusalOfPrice = (priceMinor: number, currency: string) =>
    priceMinor === 10 && currency === 'USD' ? message : null;
  const limited = (priceMinor = 119_999, currency = 'USD') =>
    new MemoryWorld(
      { products: [aProduct({ priceMinor, currency })] },
      { rules: { ...rules, refusalOfPrice } },
    );

  it('is refused for a new product', () => {
    expect(limited().one(createProduct({ priceMinor: 10 }), noonMs)).toEqual(refused);
    expect(limited().one(createProduct({ priceMinor: 11 }), noonMs)).toMatchObject({
      kind: 'product_created',
    });
  });

  it('is refused as the new price of a product, in the currency of its row', () => {
    const world = limited();
    expect(world.one(updateProduct({ price: 0.1 }), noonMs)).toEqual(refused);
    expect(world.products.get(1)?.priceMinor).toBe(119_999);
    expect(limited(119_999, 'EUR').one(updateProduct({ price: 0.1 }), noonMs)).toMatchObject({
      kind: 'product_updated',
      product: { priceMinor: 10 },
    });
  });

  it('stays where a product has it already', () => {
    expect(limited(10).one(updateProduct({ name: 'Other', price: 0.1 }), noonMs)).toMatchObject({
      kind: 'product_updated',
      product: { name: 'Other', priceMinor: 10 },
    });
  });

  it('is taken for a demo product', () => {
    const world = new MemoryWorld({}, { rules: { ...rules, refusalOfPrice } });
    const products = [{ name: 'Poster', priceMinor: 10, currency: 'USD', stock: 3 }];
    expect(world.one({ kind: 'seed_products', products }, noonMs)).toMatchObject({ created: 1 });
  });
});
