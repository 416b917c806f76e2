import { describe, expect, it } from 'vitest';
import type { SaleMessage, SaleProduct, SaleSecond } from './sale-messages.ts';
import { agreeingAudit, aProduct, nothingToDo, sampleMs, aSecond as second } from './sale-samples.ts';
import { bustleAt, emptySale, keptSeconds, type SaleState, saleReducer } from './sale-state.ts';

/** With a number of holds that tells it from others. */
const aSecond = (nth: number, over: Partial<SaleSecond> = {}) => second(nth, { holds: nth, ...over });

const products = (...given: readonly SaleProduct[]): SaleMessage => ({
  event: 'products',
  data: { products: given },
});
const seconds = (...given: readonly SaleSecond[]): SaleMessage => ({
  event: 'seconds',
  data: { processes: 2, seconds: given },
});

/** What is shown after these messages, one a second. */
function shownAfter(messages: readonly SaleMessage[], from: SaleState = emptySale): SaleState {
  return messages.reduce(
    (state, message, index) =>
      saleReducer(state, { kind: 'message', message, atMs: sampleMs + index * 1_000 }),
    from,
  );
}

describe('the products of a sale', () => {
  it('are those of the first message, with what changed later, by id', () => {
    const state = shownAfter([
      products(aProduct({ id: 2 }), aProduct({ id: 1 })),
      products(aProduct({ id: 2, held_stock: 3 })),
    ]);
    expect([...state.products.values()].map(({ id, held_stock }) => [id, held_stock])).toEqual([
      [1, 0],
      [2, 3],
    ]);
  });

  it('take in a new one at its place', () => {
    const state = shownAfter([products(aProduct({ id: 3 })), products(aProduct({ id: 2 }))]);
    expect([...state.products.keys()]).toEqual([2, 3]);
  });

  it('stay the same objects where nothing was said of them', () => {
    const before = shownAfter([products(aProduct({ id: 1 }), aProduct({ id: 2 }))]);
    const state = shownAfter([products(aProduct({ id: 2, sold: 1 }))], before);
    expect(state.products.get(1)).toBe(before.products.get(1));
    expect(state.seconds).toBe(before.seconds);
  });

  it('are the busier the more units move, and calm down again', () => {
    const state = shownAfter([
      products(aProduct({ id: 1 }), aProduct({ id: 2 })),
      products(aProduct({ id: 1, held_stock: 8 }), aProduct({ id: 2, held_stock: 1 })),
    ]);
    const movedAtMs = sampleMs + 1_000;
    expect(bustleAt(state.bustle.get(1), movedAtMs)).toBe(8);
    expect(bustleAt(state.bustle.get(2), movedAtMs)).toBe(1);
    expect(bustleAt(state.bustle.get(1), movedAtMs + 30_000)).toBe(4);
    expect(bustleAt(undefined, movedAtMs)).toBe(0);
  });
});

describe('the seconds of a sale', () => {
  it.each<[string, readonly SaleMessage[], readonly number[]]>([
    [
      'those of the connection and each later one',
      [seconds(aSecond(1), aSecond(2)), seconds(aSecond(3))],
      [1, 2, 3],
    ],
    [
      'each once, however often it is told',
      [seconds(aSecond(1), aSecond(2)), seconds(aSecond(2), aSecond(3))],
      [1, 2, 3],
    ],
    ['in order, also when one comes late', [seconds(aSecond(1), aSecond(3)), seconds(aSecond(2))], [1, 2, 3]],
    ['as they were told last', [seconds(aSecond(1)), seconds(aSecond(1, { holds: 7 }))], [7]],
    ['as before when there is none', [seconds(aSecond(1)), seconds()], [1]],
    [
      'those of five minutes',
      [seconds(aSecond(0), aSecond(1)), seconds(aSecond(keptSeconds))],
      [1, keptSeconds],
    ],
  ])('are %s', (_promise, messages, holds) => {
    const state = shownAfter(messages);
    expect(state.seconds.map((second) => second.holds)).toEqual(holds);
    expect(state.processes).toBe(2);
  });
});

describe('the stream', () => {
  const live = shownAfter([products(aProduct())]);

  it('is being connected until something has come', () => {
    expect(emptySale.stream).toEqual({ kind: 'connecting' });
    expect(saleReducer(emptySale, { kind: 'lost' }).stream).toEqual({ kind: 'connecting' });
  });

  it('is live from the first message on', () => {
    expect(live.stream).toEqual({ kind: 'live' });
  });

  it('is lost since its last message, and stays so until the next one', () => {
    const lost = saleReducer(live, { kind: 'lost' });
    expect(lost.stream).toEqual({ kind: 'lost', sinceMs: sampleMs });
    expect(saleReducer(lost, { kind: 'lost' })).toBe(lost);
    expect(lost.products).toBe(live.products);
    expect(shownAfter([seconds(aSecond(1))], lost).stream).toEqual({ kind: 'live' });
  });
});

it('what operators have to look after and the audit are those told last', () => {
  const attention = { ...nothingToDo, parked_events: 1 };
  const state = shownAfter([
    { event: 'attention', data: nothingToDo },
    { event: 'attention', data: attention },
    { event: 'audit', data: agreeingAudit },
  ]);
  expect(state.attention).toBe(attention);
  expect(state.audit).toBe(agreeingAudit);
});
