import { expect, test } from 'vitest';
import { Answers, isRefusal, isSuccess } from '../../bench/load/answers.ts';

const taken = new Answers(1);
taken.add('hold', 201, 0.2, 5);
taken.add('hold', 503, 0.9, 1);
taken.add('hold', 201, 1.1, 7);
taken.add('payment', 200, 2.5, 9);

test('tells successes and refusals of an operation apart', () => {
  expect(taken.between('hold', isSuccess).count).toBe(2);
  expect(taken.between('hold', isRefusal).longestMs).toBe(1);
  expect(taken.between('order', isSuccess).count).toBe(0);
});

test('counts an answer in the window in which it was due', () => {
  expect(taken.between('hold', isSuccess, 0, 1).longestMs).toBe(5);
  expect(taken.between('hold', isSuccess, 1, 2).longestMs).toBe(7);
  expect(taken.instants).toEqual([0, 1, 2]);
});

test('is the same in another process', () => {
  const there = new Answers(1, structuredClone(taken.plain));
  expect(there.tally).toEqual({ 'hold 201': 2, 'hold 503': 1, 'payment 200': 1 });
  expect(there.instants).toEqual(taken.instants);
});
