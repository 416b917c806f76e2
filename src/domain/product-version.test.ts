import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EditableProduct, productVersion } from './product-version.ts';

const phone: EditableProduct = {
  name: 'Phone',
  priceMinor: 119_999,
  currency: 'USD',
  opensAtMs: null,
  closesAtMs: null,
};

describe('the version of what an operator edits', () => {
  it('is the same text on every node and in every release', () => {
    expect(productVersion(phone)).toBe('917882b7af7e7bd9');
  });

  it.each<[string, Partial<EditableProduct>]>([
    ['name', { name: 'phone' }],
    ['name by a space', { name: 'Phone ' }],
    ['price by a cent', { priceMinor: 119_998 }],
    ['currency', { currency: 'EUR' }],
    ['opening', { opensAtMs: 0 }],
    ['opening by a millisecond', { opensAtMs: 1 }],
    ['closing', { closesAtMs: 0 }],
  ])('is another one with another %s', (_field, edit) => {
    expect(productVersion({ ...phone, ...edit })).not.toBe(productVersion(phone));
  });

  it('is that of before when an edit is taken back', () => {
    const renamed = { ...phone, name: 'Other' };
    expect(productVersion({ ...renamed, name: phone.name })).toBe(productVersion(phone));
  });

  it('differs for different products and is 16 hexadecimal digits, whatever the name', () => {
    const instant = fc.option(fc.integer({ min: 0, max: 4e12 }));
    const product = fc.record({
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
      priceMinor: fc.integer({ min: 1, max: 999_999_999 }),
      currency: fc.constantFrom('USD', 'JPY'),
      opensAtMs: instant,
      closesAtMs: instant,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(product, { selector: (each) => JSON.stringify(each), minLength: 2 }),
        (products) => {
          const versions = products.map(productVersion);
          expect(new Set(versions).size).toBe(products.length);
          expect(versions.every((version) => /^[\da-f]{16}$/.test(version))).toBe(true);
        },
      ),
    );
  });
});
