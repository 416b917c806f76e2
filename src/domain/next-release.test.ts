import { describe, expect, it } from 'vitest';
import {
  aHold,
  aProduct,
  createHold,
  noonMs,
  noonSecondMs,
  worldOf,
} from '../../test/support/domain-state.ts';
import type { Command } from './commands.ts';
import type { Hold } from './hold.ts';

describe('the next release in a refusal', () => {
  const asked = (holdId: number): Command => createHold({ holdId, quantity: 99 });
  const letGo = (holdId: number): Command => ({ kind: 'release_hold', holdId });
  const heldFor = (id: number, seconds: number): Hold =>
    aHold({ id, quantity: 1, expiresAtMs: noonSecondMs + 1000 * seconds });
  /** Of a hold that the batch makes. */
  const made = 121;

  type Case = readonly [string, readonly Hold[], readonly Command[], readonly (number | null)[]];
  const cases: readonly Case[] = [
    ['is not that of a hold that is granted after it', [], [asked(1), createHold(), asked(2)], [null, made]],
    ['is that of a hold that the batch does not name', [heldFor(70, 60)], [createHold(), asked(1)], [60]],
    [
      'stays when a later deadline goes',
      [heldFor(70, 60), heldFor(80, 90)],
      [letGo(80), asked(1), createHold(), asked(2)],
      [60, 60],
    ],
    [
      'is read when the earliest deadline has gone, and stays that of its moment',
      [heldFor(70, 60), heldFor(80, 200)],
      [letGo(70), asked(1), createHold(), asked(2)],
      [200, made],
    ],
    [
      'is that of an order whose hold is the last one left',
      [heldFor(70, 60), heldFor(80, 70), heldFor(90, 80)],
      [
        letGo(70),
        letGo(80),
        { kind: 'create_order', orderId: 500, holdId: 90, idempotencyKey: null },
        asked(1),
      ],
      [601],
    ],
    [
      'is the same while a hold that the batch does not name has the same deadline',
      [heldFor(70, 60), heldFor(80, 60), heldFor(90, 80)],
      [letGo(70), asked(1)],
      [60],
    ],
    [
      'is read when all holds with the earliest deadline have gone',
      [heldFor(70, 60), heldFor(80, 60), heldFor(90, 80)],
      [letGo(70), letGo(80), asked(1)],
      [80],
    ],
    ['is null when the last active hold has gone', [heldFor(70, 60)], [letGo(70), asked(1)], [null]],
    ['is not that of an overdue hold', [heldFor(70, -5)], [asked(1)], [null]],
  ];

  it.each(cases)('%s', (_case, holds, commands, seconds) => {
    const world = worldOf({ products: [aProduct({ stock: 50 })], holds });
    const { outcomes } = world.batch(commands, noonMs);
    expect(
      outcomes.flatMap((outcome) => ('nextReleaseAtMs' in outcome ? [outcome.nextReleaseAtMs] : [])),
    ).toEqual(seconds.map((after) => (after === null ? null : noonSecondMs + 1000 * after)));
  });

  it('is read once for a product, however often its earliest deadline goes', () => {
    const world = worldOf({
      products: [aProduct({ stock: 50 }), aProduct({ id: 2, stock: 50 })],
      holds: [heldFor(70, 60), heldFor(80, 70), { ...heldFor(90, 80), productId: 2 }],
    });
    const commands = [letGo(70), letGo(80), letGo(90), asked(1), asked(2)];
    expect(world.decide(world.load(commands, noonMs), commands).releasesToRead).toEqual([1, 2]);
  });
});
