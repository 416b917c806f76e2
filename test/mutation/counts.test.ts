import { expect, it } from 'vitest';
import { countsOf } from './counts.ts';

const became = (...statuses: readonly Parameters<typeof countsOf>[0][number]['status'][]) =>
  countsOf(statuses.map((status) => ({ status })));

it('scores what a test has killed and what never ended, of all that could be tried', () => {
  expect(became('Killed', 'Timeout', 'Survived', 'CompileError')).toEqual({
    score: 66.6,
    ...{ mutants: 3, killed: 1, timedOut: 1, survived: 1, noCoverage: 0 },
  });
  expect(became('Killed').score).toBe(100);
  expect(became('NoCoverage').score).toBe(0);
});

it('has no score where nothing was tried', () => {
  expect(became('CompileError').score).toBeNull();
});
