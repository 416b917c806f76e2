import { deadlineAfter } from '../../src/domain/time.ts';
import { servePeer } from './peer-server.ts';

/** The limit that holds are measured against: a server that decides nothing and stores nothing. */
await servePeer(async ({ holdId, productId, quantity }, { holdSeconds }) => {
  const nowMs = Date.now();
  return {
    hold: {
      id: holdId,
      productId,
      quantity,
      priceMinor: 100,
      status: 'held',
      releaseReason: null,
      parked: null,
      expiresAtMs: deadlineAfter(nowMs, holdSeconds),
      createdAtMs: nowMs,
    },
    availableStockRemaining: 1,
  };
});
