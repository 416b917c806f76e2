import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Checkout } from '../support/checkout.ts';
import { startCheckout } from '../support/checkout.ts';
import { bothSecrets, signEvent, stripeIntent, stripePath, webhookPath } from '../support/signed-events.ts';

/** The same forgeries in each run. */
const seed = 20_261_127;
const forgeries = 1_000;
const atOnceMax = 50;

type Signed = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

const digits = [...'0123456789'];
const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));

/** One change of a text that is never the text itself, and that no HTTP header loses on its way. */
function changed(original: string, alphabet: readonly string[]): fc.Arbitrary<string> {
  const at = fc.nat({ max: original.length - 1 });
  const letter = fc.constantFrom(...alphabet);
  return fc
    .oneof(
      fc.tuple(at, letter).map(([from, by]) => original.slice(0, from) + by + original.slice(from + 1)),
      fc.tuple(at, letter).map(([from, more]) => original.slice(0, from) + more + original.slice(from)),
      letter.map((more) => original + more),
      at.map((from) => original.slice(0, from) + original.slice(from + 1)),
      at.map((end) => original.slice(0, end)),
      at.map((from) => original.slice(from) + original.slice(0, from)),
      fc.constantFrom(original.toUpperCase(), original.toLowerCase(), original + original),
    )
    .filter((text) => text !== original);
}

/** An event with its body, its signature or another signed header changed. */
function forged({ body, headers }: Signed): fc.Arbitrary<Signed> {
  const names = Object.keys(headers);
  return fc.oneof(
    changed(body, [...printable, ' ']).map((other) => ({ body: other, headers })),
    fc.constantFrom(...names).chain((name) =>
      changed(headers[name] ?? '', printable).map((other) => ({
        body,
        headers: { ...headers, [name]: other },
      })),
    ),
    fc
      .constantFrom(...names)
      .chain((name) =>
        movedTime(headers[name] ?? '').map((other) => ({ body, headers: { ...headers, [name]: other } })),
      ),
    fc.subarray(names, { minLength: 1 }).map((gone) => ({
      body,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !gone.includes(name))),
    })),
  );
}

/** The ten digits that are a time in a header, moved by up to an hour; where there is none, another digit somewhere. */
function movedTime(header: string): fc.Arbitrary<string> {
  const time = /(?<!\d)\d{10}(?!\d)/.exec(header)?.[0];
  return time === undefined
    ? changed(header, digits)
    : fc
        .integer({ min: -3600, max: 3600 })
        .filter((seconds) => seconds !== 0)
        .map((seconds) => header.replace(time, String(Number(time) + seconds)));
}

describe('an event that is not as it was signed', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await startCheckout({ variables: { ...bothSecrets, WORKER: 'false' } });
  });
  afterAll(() => checkout.stop());

  const eventOf: Readonly<Record<string, (orderId: number) => object>> = {
    [webhookPath]: (order_id) => ({ idempotency_key: `pay_${order_id}`, order_id, status: 'paid' }),
    [stripePath]: (order_id) => ({
      id: `evt_${order_id}`,
      type: 'payment_intent.succeeded',
      data: { object: stripeIntent({ order_id }, { amount_received: 10_000, currency: 'usd' }) },
    }),
  };

  test.each([webhookPath, stripePath])(
    'is refused at %s a thousand times and has no effect',
    async (path) => {
      const { order_id } = await checkout.ordered(await checkout.createProduct());
      const body = JSON.stringify(eventOf[path]?.(order_id));
      const signed = { body, headers: await signEvent(path, body) };
      const before = (await checkout.admin('GET', '/payment-events')).text;

      const sent = fc.sample(forged(signed), { seed, numRuns: forgeries });
      const answers: string[] = [];
      for (let from = 0; from < sent.length; from += atOnceMax) {
        const replies = await Promise.all(
          sent.slice(from, from + atOnceMax).map((each) => checkout.post(path, each.body, each.headers)),
        );
        answers.push(...replies.map((reply) => `${reply.status} ${reply.body.code}`));
      }

      const taken = sent.filter((_, index) => answers[index] !== '401 invalid_signature');
      expect(taken).toEqual([]);
      expect((await checkout.admin('GET', '/payment-events')).text).toBe(before);
      expect((await checkout.get(`/api/v1/orders/${order_id}`)).body.status).toBe('pending');
      expect(await checkout.auditDifferences()).toEqual([]);

      const genuine = await checkout.post(path, body, signed.headers);
      expect(genuine.body).toMatchObject({ result: 'processed', order_status: 'paid' });
    },
  );
});
