import type { ProductSnapshot } from '../../src/domain/product.ts';
import { deadlineAfter } from '../../src/domain/time.ts';
import { type MakeHold, servePeer } from './peer-server.ts';

/**
 * The limit that the service is measured against: a server that decides nothing and stores nothing. It grants every hold; with
 * `SOLD_OUT=true` it refuses every one, as the service does when buyers hold all there is.
 */
const nowMs = Date.now();
const product: ProductSnapshot = {
  asOfMs: nowMs,
  id: 1,
  name: 'Sneakers',
  priceMinor: 10_000,
  currency: 'USD',
  stock: 1000,
  heldStock: 1000,
  nextReleaseAtMs: deadlineAfter(nowMs, 3600),
  opensAtMs: null,
  closesAtMs: null,
  version: 1,
};

const grant: MakeHold = async ({ holdId, productId, quantity }, { holdSeconds }) => {
  const createdAtMs = Date.now();
  return {
    hold: {
      id: holdId,
      productId,
      quantity,
      priceMinor: 100,
      status: 'held',
      releaseReason: null,
      parked: null,
      expiresAtMs: deadlineAfter(createdAtMs, holdSeconds),
      createdAtMs,
    },
    availableStockRemaining: 1,
  };
};

const refuse: MakeHold = async () => ({
  hold: null,
  availableStock: 0,
  nextReleaseAtMs: product.nextReleaseAtMs,
});

await servePeer({ makeHold: process.env.SOLD_OUT === 'true' ? refuse : grant, snapshot: product });
