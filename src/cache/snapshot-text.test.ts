import { expect, it } from 'vitest';
import { productSnapshot } from '../../test/support/product-snapshot.ts';
import { snapshotFrom, snapshotText } from './snapshot-text.ts';

const snapshot = productSnapshot({
  asOfMs: 1_795_770_000_000.25,
  name: 'Phone "X"',
  closesAtMs: 1_795_780_000_000,
  version: 3,
});

it('comes out of its text as it went in', () => {
  expect(snapshotFrom(snapshotText(snapshot))).toEqual(snapshot);
});

it.each([
  '',
  'no JSON',
  'null',
  '7',
  '[]',
  '{}',
  ...Object.keys(snapshot).map((field) => JSON.stringify({ ...snapshot, [field]: undefined })),
  ...Object.keys(snapshot).map((field) => JSON.stringify({ ...snapshot, [field]: {} })),
  JSON.stringify({ ...snapshot, stock: 1.5 }),
  JSON.stringify({ ...snapshot, version: 1e300 }),
  JSON.stringify({ ...snapshot, ofALaterVersion: 1 }),
])('%s is no snapshot', (text) => {
  expect(snapshotFrom(text)).toBeNull();
});
