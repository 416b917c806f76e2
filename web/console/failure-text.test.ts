import { describe, expect, it } from 'vitest';
import { CheckoutError, type Problem, UnreachableError } from '../../src/client/checkout-client.ts';
import { failureOf, failureText, refusalOf } from './failure-text.ts';

function refused(over: Partial<Problem> & Readonly<Record<string, unknown>>): CheckoutError {
  const problem: Problem = {
    type: '/api/docs/errors#invalid_request',
    title: 'Invalid request',
    status: 400,
    detail: 'price: expected a number, got "x", and 1 more',
    code: 'invalid_request',
    request_id: 'r1',
    ...over,
  };
  return new CheckoutError(problem, null);
}

const errors = [
  { field: 'price', message: 'expected a number, got "x"' },
  { field: 'name', message: 'expected a text, got nothing' },
];

describe('the reasons of a refusal', () => {
  it('are at the fields of the form, and in the summary where the form does not have the field', () => {
    expect(failureOf(refused({ errors }), ['price', 'name'])).toEqual({
      summary: '',
      fields: { price: 'Expected a number, got "x".', name: 'Expected a text, got nothing.' },
    });
    expect(failureOf(refused({ errors }), ['price'])).toEqual({
      summary: 'name: expected a text, got nothing. Request r1.',
      fields: { price: 'Expected a number, got "x".' },
    });
  });

  it('are named once for an action without a form', () => {
    expect(failureText(refused({ errors }))).toBe(
      'price: expected a number, got "x". name: expected a text, got nothing. Request r1.',
    );
    expect(failureText(refused({ detail: 'There is no such refund.' }))).toBe(
      'There is no such refund. Request r1.',
    );
  });

  it('are that the result is unknown without an answer', () => {
    expect(failureText(new UnreachableError('away', null))).toContain('the result is unknown');
  });

  it('belong to the token only when the token is wrong', () => {
    const unauthorized = { status: 401, code: 'unauthorized' } as const;
    expect(refusalOf(refused({ ...unauthorized, detail: 'The admin token is wrong.' })).fields).toEqual({
      token: 'This is not the admin token of this service.',
    });
    const closed = 'The admin API is closed; set ADMIN_TOKEN to open it.';
    expect(refusalOf(refused({ ...unauthorized, detail: closed }))).toEqual({ summary: closed, fields: {} });
  });
});
