import { expect, it } from 'vitest';
import { aProduct, noonMs, worldOf } from '../../test/support/domain-state.ts';
import { needs } from '../../test/support/store-rows.ts';
import type { Command } from '../domain/commands.ts';
import { LostAttempts } from './lost-attempts.ts';

/** Loses the commit of an attempt that makes this hold. */
function loseHold(lost: LostAttempts, holdId: number): void {
  const command: Command = { kind: 'create_hold', holdId, productId: 1, quantity: 1, idempotencyKey: null };
  lost.addTo(needs());
  lost.decided(worldOf({ products: [aProduct({ stock: 50 })] }).batch([command], noonMs), noonMs);
  lost.add();
}

it('adds the new row of an attempt and its product to what the next one loads', () => {
  const lost = new LostAttempts();
  loseHold(lost, 70);
  expect(lost.addTo(needs({ productIds: [2, 1] }))).toEqual(needs({ productIds: [2, 1], holdIds: [70] }));
  expect(lost.addTo(needs({ productIds: [2] }))).toEqual(needs({ productIds: [2, 1], holdIds: [70] }));
});

it('looks for nothing more after a commit, and after a defect, whose cause these rows might be', () => {
  for (const end of ['takeFound', 'drop'] as const) {
    const lost = new LostAttempts();
    loseHold(lost, 70);
    lost[end]();
    expect(lost.addTo(needs())).toEqual(needs());
  }
});

it('remembers the last 20 attempts while every commit is lost', () => {
  const lost = new LostAttempts();
  for (let holdId = 1; holdId <= 25; holdId += 1) {
    loseHold(lost, holdId);
  }
  expect(lost.addTo(needs()).holdIds).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
});

it('remembers nothing of an attempt that failed before it was decided', () => {
  const lost = new LostAttempts();
  loseHold(lost, 70);
  lost.takeFound();
  lost.addTo(needs());
  lost.add();
  expect(lost.addTo(needs())).toEqual(needs());
});
