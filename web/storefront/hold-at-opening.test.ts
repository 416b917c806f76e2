import { expect, it } from 'vitest';
import { CheckoutError, type CreatedHold } from '../../src/client/checkout-client.ts';
import { holdAtOpening } from './hold-at-opening.ts';

const opensAtMs = Date.parse('2026-11-27T09:00:00Z');
const hold: CreatedHold = {
  hold_id: 7,
  expires_at: '2026-11-27T09:02:00Z',
  product_id: 1,
  quantity: 1,
  status: 'held',
};
const refusal = (fields: { readonly opens_at: string | null; readonly closes_at: string | null }) =>
  new CheckoutError(
    { type: '', title: '', status: 403, detail: '', code: 'sale_not_open', request_id: 'r', ...fields },
    null,
  );
const notOpen = refusal({ opens_at: '2026-11-27T09:00:00Z', closes_at: null });

it('asks again when the page was ahead of the server by less than its clock may be wrong', async () => {
  const answers = [notOpen, hold];
  const ask = async () => {
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  expect(
    await holdAtOpening(
      () => ask(),
      () => opensAtMs + 200,
    ),
  ).toEqual(hold);
});

it.each([
  ['too early', notOpen, opensAtMs - 5_000],
  ['after the close', refusal({ opens_at: null, closes_at: '2026-11-27T09:00:00Z' }), opensAtMs],
  ['after the close of a sale that opened long ago', notOpen, opensAtMs + 3_600_000],
  ['for another reason', new Error('another'), opensAtMs],
])('does not ask again %s', async (_, error, nowMs) => {
  const ask = () => Promise.reject(error);
  await expect(holdAtOpening(ask, () => nowMs)).rejects.toBe(error);
});
