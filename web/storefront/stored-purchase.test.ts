import { describe, expect, it } from 'vitest';
import type { Item, Purchase } from './purchase.ts';
import { fromText, type StoredPurchase, toKeep, toText } from './stored-purchase.ts';

const item: Item = { productId: 1, name: 'Phone', price: 1199.99, currency: 'USD', quantity: 2 };
const nowMs = 1_000_000;
const written = (fields: object) => JSON.stringify({ version: 1, step: 'held', item, holdId: 7, ...fields });

describe('what is kept on the device', () => {
  it.each<StoredPurchase>([
    { step: 'asking', item, key: 'k', askedAtMs: nowMs },
    { step: 'held', item, holdId: 7 },
    { step: 'ordered', item, orderId: 9 },
  ])('is read as it was written: $step', (stored) => {
    expect(fromText(toText(stored), nowMs)).toEqual(stored);
  });

  it.each([
    ['nothing', null],
    ['an empty text', ''],
    ['no JSON', '{'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[1]'],
    ['another version', written({ version: 2 })],
    ['another step', written({ step: 'paid' })],
    ['no id', written({ holdId: undefined })],
    ['a text for an id', written({ holdId: '7' })],
    ['a fraction for an id', written({ holdId: 7.5 })],
    ['an id for another step', written({ step: 'ordered' })],
    ['no item', written({ item: undefined })],
    ['an item without a name', written({ item: { ...item, name: null } })],
    ['a quantity of none', written({ item: { ...item, quantity: 0 } })],
    ['a currency that is none', written({ item: { ...item, currency: 'dollars' } })],
    ['a wish of an hour ago', toText({ step: 'asking', item, key: 'k', askedAtMs: nowMs - 3_600_000 })],
    ['a wish of tomorrow', toText({ step: 'asking', item, key: 'k', askedAtMs: nowMs + 86_400_000 })],
  ])('is not read from %s', (_, text) => {
    expect(fromText(text, nowMs)).toBeNull();
  });

  it('leaves out what it does not know', () => {
    expect(fromText(written({ more: 1 }), nowMs)).toEqual({ step: 'held', item, holdId: 7 });
  });
});

describe('what is to be kept', () => {
  const none: Purchase = { kind: 'none' };
  const asking: Purchase = { kind: 'asking', item, key: 'k', isSlow: false };
  const refused = (code: 'no_answer' | 'rate_limited'): Purchase => ({
    kind: 'refused',
    item,
    key: 'k',
    refusal: { code, problem: null, retryAtMs: null, atMs: 0 },
  });
  const held: Purchase = {
    kind: 'held',
    item,
    holdId: 7,
    expiresAt: '2026-11-27T09:02:00Z',
    doing: null,
    isSlow: false,
    refusal: null,
  };

  it.each<[string, Purchase, Purchase, ReturnType<typeof toKeep>]>([
    ['a wish, with its key', none, asking, { step: 'asking', item, key: 'k', askedAtMs: nowMs }],
    ['a hold', asking, held, { step: 'held', item, holdId: 7 }],
    ['the same, while something is done with it', held, { ...held, doing: 'ordering' }, 'as_before'],
    ['the wish, when nobody knows what became of it', asking, refused('no_answer'), 'as_before'],
    ['nothing of what was refused', asking, refused('rate_limited'), null],
    ['nothing of what was given back', held, { kind: 'hold_ended', item, how: 'given_back' }, null],
    [
      'a hold that ran out, until that was seen',
      held,
      { kind: 'hold_ended', item, how: 'expired' },
      'as_before',
    ],
    ['nothing of what was closed', held, none, null],
    ['what is looked for', none, { kind: 'restoring', item, isSlow: false }, 'as_before'],
  ])('is %s', (_, before, after, expected) => {
    expect(toKeep(before, after, nowMs)).toEqual(expected);
  });
});
