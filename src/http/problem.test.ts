import { describe, expect, it } from 'vitest';
import { errorCodes, errorEntry } from './error-catalogue.ts';
import { errorPage } from './error-page.ts';
import { invalidRequest, problemText } from './problem.ts';

describe('an error', () => {
  it.each(errorCodes)('%s has all members of RFC 9457 and its code', (code) => {
    const { status, title } = errorEntry(code);
    expect(JSON.parse(problemText({ code }, 'abc-1'))).toEqual({
      type: `/api/docs/errors#${code}`,
      title,
      status,
      detail: expect.stringMatching(/^[A-Z].*\.$/),
      code,
      request_id: 'abc-1',
    });
  });

  it.each(errorCodes)('%s has a row on the page that its type leads to', (code) => {
    expect(errorPage()).toContain(`<tr id="${code}">`);
  });

  it('has its detail and its own fields behind the common ones, whatever characters they hold', () => {
    const text = problemText(
      { code: 'stock_below_held', detail: 'a "quoted"\nline', fields: { stock: 5, held_stock: 4 } },
      'abc-2',
    );
    expect(Object.entries(JSON.parse(text)).slice(3)).toEqual([
      ['detail', 'a "quoted"\nline'],
      ['code', 'stock_below_held'],
      ['request_id', 'abc-2'],
      ['stock', 5],
      ['held_stock', 4],
    ]);
  });

  it('of a request that is not valid says the first thing in its detail and how many more there are', () => {
    const errors = [
      { field: 'qty', message: 'expected an integer from 1 to 1000000, got 0' },
      { field: 'product_id', message: 'expected an integer, got nothing' },
    ];
    expect(invalidRequest(errors)).toEqual({
      code: 'invalid_request',
      detail: 'qty: expected an integer from 1 to 1000000, got 0, and 1 more',
      fields: { errors },
    });
  });

  it('with status 503 says when to come back', () => {
    const unavailable = errorCodes.filter((code) => errorEntry(code).status === 503);
    expect(unavailable.map((code) => errorEntry(code).retryAfterSeconds)).toEqual([1, 2, 1]);
  });
});
