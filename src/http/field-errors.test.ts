import { describe, expect, it } from 'vitest';
import { serverWith } from '../../test/support/server-with.ts';
import { expectation, shown } from './field-errors.ts';

async function errorsOf(payload: string): Promise<{ field: string; message: string }[]> {
  const { app } = serverWith();
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/api/v1/holds', headers, payload });
  expect(answer.statusCode).toBe(422);
  return answer.json().errors;
}

describe('the errors of a request', () => {
  it('name all that is wrong, once for each field', async () => {
    expect(await errorsOf('{"qty": "many", "ttl": 3600}')).toEqual([
      { field: 'product_id', message: 'expected an integer from 1 to 9007199254740991, got nothing' },
      { field: 'ttl', message: 'expected only product_id, qty, got this field' },
      { field: 'qty', message: 'expected an integer from 1 to 1000000, got "many"' },
    ]);
  });

  it('show sixty characters of a value at most', async () => {
    const [error] = await errorsOf(`{"product_id": 1, "qty": "${'9'.repeat(1000)}"}`);
    expect(error?.message).toBe(`expected an integer from 1 to 1000000, got "${'9'.repeat(59)}…`);
  });

  it('are twenty at most, with names of sixty characters', async () => {
    const fields = Array.from({ length: 500 }, (_, index) => [`${index}${'x'.repeat(100)}`, 0]);
    const errors = await errorsOf(JSON.stringify(Object.fromEntries(fields)));
    expect(errors).toHaveLength(20);
    expect(Math.max(...errors.map(({ field }) => field.length))).toBe(61);
  });

  it('survive a value that is nested thousands deep', async () => {
    const nested = '['.repeat(30_000) + ']'.repeat(30_000);
    expect(await errorsOf(`{"product_id": 1, "qty": ${nested}}`)).toEqual([
      { field: 'qty', message: 'expected an integer from 1 to 1000000, got an array' },
    ]);
  });
});

describe('in a message', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    ['a"b', '"a\\"b"'],
    [{ a: 1 }, 'an object'],
    [Number.POSITIVE_INFINITY, 'a number that is too large'],
    [-0.5, '-0.5'],
  ])('the value %o is %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it.each([
    [{ type: 'number', exclusiveMinimum: 0 }, 'a number above 0'],
    [{ type: ['string', 'null'], title: 'an instant' }, 'an instant or null'],
    [{ enum: ['a', 'b', null], type: ['string', 'null'] }, 'one of a, b or null'],
    [{ type: 'string', maxLength: 5 }, 'a text of 0 to 5 characters'],
    [{}, 'another value'],
  ])('the schema %o asks for %s', (schema, text) => {
    expect(expectation(schema)).toBe(text);
  });
});
