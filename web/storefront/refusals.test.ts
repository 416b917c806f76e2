import { describe, expect, it } from 'vitest';
import { CheckoutError, type ErrorCode, UnreachableError } from '../../src/client/checkout-client.ts';
import { errorCodes } from '../../src/http/error-catalogue.ts';
import { refusalOf, refusalWords } from './refusals.ts';

const problem = (code: ErrorCode, fields: object = {}) => ({
  type: '',
  title: '',
  status: 409,
  detail: '',
  code,
  request_id: 'r-17',
  ...fields,
});
const nowMs = Date.parse('2026-11-27T09:00:00Z');
const said = (code: ErrorCode, fields: object = {}) =>
  refusalWords(refusalOf(new CheckoutError(problem(code, fields), null), nowMs));

describe('why something was refused', () => {
  it.each(errorCodes)('%s is a sentence for buyers', (code) => {
    const { title, sentence } = said(code);
    expect(title).toMatch(/^[A-Z].{5,}[^.]$/);
    expect(sentence).toMatch(/^[A-Z].+(\.|r-17)$/);
    expect(`${title} ${sentence}`).not.toContain(code);
  });

  it('names the request of a defect, also of one that this page does not know', () => {
    expect(said('internal_error').sentence).toContain('r-17');
    expect(said('idempotency_key_reused').sentence).toContain('r-17');
    expect(said('made_tomorrow' as ErrorCode).sentence).toContain('r-17');
  });

  it.each([
    [{ available_stock: 1, requested: 2 }, 'Only one is left'],
    [{ available_stock: 3, requested: 5 }, 'Only 3 are left'],
    [{ available_stock: 0, requested: 1, next_release_at: '2026-11-27T09:02:00Z' }, 'All are held by others'],
    [{ available_stock: 0, requested: 1, next_release_at: null }, 'Sold out'],
  ])('says what is left: %o', (fields, title) => {
    expect(said('insufficient_stock', fields).title).toBe(title);
  });

  it.each([
    [{ opens_at: '2026-11-27T09:00:01Z', closes_at: null }, 'The sale is not open yet'],
    [{ opens_at: null, closes_at: '2026-11-27T09:00:00Z' }, 'The sale has closed'],
  ])('says whether the sale is still to come: %o', (fields, title) => {
    expect(said('sale_not_open', fields).title).toBe(title);
  });

  it('knows until when it is of no use to ask again', () => {
    const refusal = refusalOf(new CheckoutError(problem('rate_limited'), 2_000), nowMs);
    expect(refusal).toMatchObject({ retryAtMs: nowMs + 2_000, atMs: nowMs });
  });

  it('without an answer promises that there will not be two', () => {
    const refusal = refusalOf(new UnreachableError('', null), nowMs);
    expect(refusalWords(refusal).sentence).toContain('you will not get two');
  });

  it('that is a defect of the page is thrown on', () => {
    expect(() => refusalOf(new TypeError('of the page'), nowMs)).toThrow('of the page');
  });
});
