import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

/** Each character that a text of an operator may not have, as a message writes it. */
const refused: readonly (readonly [string, string])[] = [
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2066, 0x2067, 0x2068, 0x2069],
  ...[0x2028, 0x2029],
  ...[0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x9b],
  ...[0xd800, 0xdfff],
].map((code) => [String.fromCharCode(code), `\\u${code.toString(16).padStart(4, '0')}`] as const);

describeEach(sharedDatabases)('a text of an operator on $name', (kind) => {
  let checkout: Checkout;
  let productId: number;

  beforeAll(async () => {
    checkout = await startCheckout({ database: kind });
    productId = await checkout.createProduct();
  });
  afterAll(() => checkout.stop());

  /** Every route that takes such a text, and the field that it is in. */
  const routes = (text: string) =>
    [
      ['POST', '/products', { name: text, price: 1, currency: 'USD', stock: 1 }, 'name'],
      ['PATCH', `/products/${productId}`, { name: text }, 'name'],
      ['POST', `/products/${productId}/stock`, { change: 1, reason: text }, 'reason'],
    ] as const;

  test.each(refused)('is refused with %j in it, and says where: %s', async (character, escaped) => {
    for (const [method, path, body, field] of routes(`Phone${character}USD 1.00`)) {
      const reply = await checkout.admin(method, path, body);
      expect([reply.status, reply.body.code]).toEqual([422, 'invalid_request']);
      expect(reply.body.errors).toEqual([
        { field, message: expect.stringMatching(/^expected a text of 1 to \d+ characters without /) },
      ]);
      const [{ message } = { message: '' }] = reply.body.errors;
      expect(message).toContain(`got ${escaped} at character 6 of "Phone`);
      // Neither the answer nor a terminal that shows it is turned round by what was refused.
      expect(reply.text).not.toContain(character);
    }
  });

  test('counts characters as a reader does, from 1', async () => {
    const reply = await checkout.admin('PATCH', `/products/${productId}`, {
      name: '\u{1f4f1}\u{1f4f1}\u202e',
    });
    expect(reply.body.errors[0]?.message).toContain('got \\u202e at character 3 of');
  });

  test.each([
    ['Hebrew with a mark', '\u05d8\u05dc\u05e4\u05d5\u05df 5\u200e'],
    ['Arabic with marks', '\u061c\u0647\u0627\u062a\u0641\u200f!'],
    ['Persian with a joiner', '\u06af\u0648\u0634\u06cc\u200c\u0647\u0627'],
    ['a family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['other scripts and signs', 'K\u00e4se \u2116 5 \u2014 \u96fb\u8a71 \u{1f4f1}'],
  ])('may be in any script: %s', async (_name, text) => {
    for (const [method, path, body] of routes(text)) {
      expect((await checkout.admin(method, path, body)).status).toBeLessThan(300);
    }
    expect((await checkout.product(productId)).body.name).toBe(text);
  });

  test('is escaped where it names an unknown field', async () => {
    const reply = await checkout.admin('PATCH', `/products/${productId}`, { 'na\u202eme': 1 });
    expect(reply.body.errors).toEqual([{ field: 'na\\u202eme', message: expect.any(String) }]);
    expect(reply.text).not.toContain('\u202e');
  });
});
