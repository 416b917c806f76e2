import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { signStandardWebhook, signStripeEvent } from './sign-test-event.ts';
import { standardWebhooksVerifier } from './standard-webhooks.ts';
import { stripeVerifier } from './stripe/stripe-signatures.ts';

type Verify = (rawBody: string, headers: IncomingHttpHeaders) => boolean;

function atTime(seconds: number): void {
  vi.useFakeTimers({ now: seconds * 1000, toFake: ['Date'] });
}
afterEach(() => {
  vi.useRealTimers();
});

describe('a signature of Standard Webhooks', () => {
  // What the libraries of the specification test themselves with.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const signedAt = 1_614_265_330;
  const body = '{"test": 2432232314}';
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const other = 'Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': String(signedAt),
    'webhook-signature': signature,
  };
  let verify: Verify;
  beforeAll(async () => {
    verify = await standardWebhooksVerifier([secret]);
  });

  it.each([
    ['as the specification signs it', {}],
    ['among others', { 'webhook-signature': `v1,${other} v2,${other} ${signature} v1,${other}` }],
    ['in another version beside it', { 'webhook-signature': `v1a,${other} ${signature}` }],
  ])('counts %s', (_, changed) => {
    atTime(signedAt + 300);
    expect(verify(body, { ...headers, ...changed })).toBe(true);
  });

  it('is made by the helper for tests as by the specification', async () => {
    const made = await signStandardWebhook({
      secret,
      id: headers['webhook-id'],
      body,
      atMs: signedAt * 1000,
    });
    expect(made).toEqual(headers);
  });

  it.each([-300, 300])('counts when it is %i s from now', (secondsOff) => {
    atTime(signedAt + secondsOff);
    expect(verify(body, headers)).toBe(true);
  });

  it.each([-301, 301])('does not count when it is %i s from now', (secondsOff) => {
    atTime(signedAt + secondsOff);
    expect(verify(body, headers)).toBe(false);
  });

  it.each<[string, IncomingHttpHeaders]>([
    ['without an id', { 'webhook-id': undefined }],
    ['without a time', { 'webhook-timestamp': undefined }],
    ['with a time that is none', { 'webhook-timestamp': 'hello' }],
    ['with letters behind the time', { 'webhook-timestamp': `${signedAt}abc` }],
    ['with a zero before the time', { 'webhook-timestamp': `0${signedAt}` }],
    ['with a part of a second', { 'webhook-timestamp': `${signedAt}.0` }],
    ['that is missing', { 'webhook-signature': undefined }],
    ['that is cut short', { 'webhook-signature': signature.slice(0, 8) }],
    ['that is empty', { 'webhook-signature': 'v1,' }],
    ['that goes on', { 'webhook-signature': `${signature},` }],
    ['of another version', { 'webhook-signature': signature.replace('v1', 'v2') }],
    ['of something else', { 'webhook-signature': `v1,${other}` }],
    ['with its letters turned', { 'webhook-signature': signature.toLowerCase() }],
  ])('does not count %s', (_, changed) => {
    atTime(signedAt);
    expect(verify(body, { ...headers, ...changed })).toBe(false);
  });

  it('counts by the old and by the new secret while one replaces the other, and by no third', async () => {
    const newSecret = `whsec_${Buffer.from('the secret that comes next').toString('base64')}`;
    const both = await standardWebhooksVerifier([newSecret, secret]);
    const byNew = await signStandardWebhook({ secret: newSecret, id: 'msg_1', body });
    const byOld = await signStandardWebhook({ secret, id: 'msg_1', body });
    expect([both(body, byNew), both(body, byOld), verify(body, byNew)]).toEqual([true, true, false]);
  });
});

describe('a signature of Stripe', () => {
  const secret = 'whsec_test_secret';
  const signedAt = 1_614_265_330;
  const body = JSON.stringify({ id: 'evt_test_webhook', object: 'event' }, null, 2);
  let verify: Verify;
  let header: string;
  beforeAll(async () => {
    verify = await stripeVerifier([secret]);
    header = (await signStripeEvent({ secret, body, atMs: signedAt * 1000 }))['stripe-signature'] ?? '';
  });

  it.each([
    ['alone', (made: string) => made],
    ['among others', (made: string) => `${made},v1=potato`],
    ['behind one by another secret', (made: string) => made.replace('v1=', `v1=${'0'.repeat(64)},v1=`)],
    ['with the one for test mode', (made: string) => `${made},v0=${'0'.repeat(64)}`],
  ])('counts %s', (_, changed) => {
    atTime(signedAt);
    expect(verify(body, { 'stripe-signature': changed(header) })).toBe(true);
  });

  it.each([-300, 300])('counts when it is %i s from now', (secondsOff) => {
    atTime(signedAt + secondsOff);
    expect(verify(body, { 'stripe-signature': header })).toBe(true);
  });

  it.each([-301, 301])('does not count when it is %i s from now', (secondsOff) => {
    atTime(signedAt + secondsOff);
    expect(verify(body, { 'stripe-signature': header })).toBe(false);
  });

  it.each([
    ['that is missing', () => undefined],
    ['that is no such thing', () => "I'm not even a real signature header"],
    ['of another scheme', (made: string) => made.replace('v1=', 'v0=')],
    ['that is wrong', (made: string) => made.replace(/v1=.*/, 'v1=bad_signature')],
    ['with letters behind the time', (made: string) => made.replace(',', 'abc,')],
    ['with a zero before the time', (made: string) => made.replace('t=', 't=0')],
    ['with a second time', (made: string) => `t=1,${made}`],
    ['with a time behind it', (made: string) => `${made},t=${signedAt}`],
    ['that goes on', (made: string) => `${made}=1`],
    ['that ends in nothing', (made: string) => `${made},`],
    ['with its letters turned', (made: string) => made.replace(/v1=.*/, (part) => part.toUpperCase())],
  ])('does not count %s', (_, changed) => {
    atTime(signedAt);
    expect(verify(body, { 'stripe-signature': changed(header) })).toBe(false);
  });

  it('counts over the body byte for byte', () => {
    atTime(signedAt);
    expect(verify(JSON.stringify(JSON.parse(body)), { 'stripe-signature': header })).toBe(false);
  });

  it('counts by the old and by the new secret while one replaces the other, and by no third', async () => {
    const both = await stripeVerifier(['whsec_new', secret]);
    const byNew = await signStripeEvent({ secret: 'whsec_new', body });
    const byOld = await signStripeEvent({ secret, body });
    expect([both(body, byNew), both(body, byOld), verify(body, byNew)]).toEqual([true, true, false]);
  });
});
