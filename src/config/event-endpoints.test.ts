import { expect, it } from 'vitest';
import { assertEventsCanBeSigned, eventEndpointsOf } from './event-endpoints.ts';

const endpoints = (...eventWebhookUrls: string[]) => eventEndpointsOf({ eventWebhookUrls });

it('names an endpoint by its host and a hash, so that no secret of its URL shows', () => {
  const [{ id, url } = { id: '', url: null }] = endpoints('https://me:pw@hooks.shop.example/in?token=secret');
  expect(id).toMatch(/^hooks\.shop\.example-[0-9a-f]{8}$/);
  expect(url?.href).toBe('https://me:pw@hooks.shop.example/in?token=secret');
});

it('gives each URL an id of its own, and the same after each start', () => {
  const urls = ['https://a.example/1', 'https://a.example/2', 'https://b.example/1', 'http://[::1]:9/'];
  const ids = endpoints(...urls).map(({ id }) => id);
  expect(new Set(ids).size).toBe(4);
  expect(endpoints(...urls).map(({ id }) => id)).toEqual(ids);
  expect(ids[3]).toMatch(/^1-[0-9a-f]{8}$/);
});

it('takes a URL that is given twice once: an event has one delivery for it', () => {
  expect(endpoints('https://a.example/1', 'https://a.example/1')).toHaveLength(1);
});

it('keeps an id short enough for the database and fit for a path, whatever the host', () => {
  const host = `${'a'.repeat(63)}.`.repeat(3) + 'b'.repeat(55);
  for (const { id } of endpoints(`https://${host}/`, 'https://xn--bcher-kva.example/', 'http://10.0.0.1/')) {
    expect(id).toMatch(/^[a-z\d.-]{1,255}$/);
  }
});

it('refuses endpoints without a secret, as nobody could check what they get', () => {
  const eventWebhookUrls = ['https://a.example/1'];
  expect(() => assertEventsCanBeSigned({ eventWebhookUrls, eventWebhookSecrets: [] })).toThrow(
    'set EVENT_WEBHOOK_SECRETS',
  );
  assertEventsCanBeSigned({ eventWebhookUrls, eventWebhookSecrets: ['whsec_b25l'] });
  assertEventsCanBeSigned({ eventWebhookUrls: [], eventWebhookSecrets: [] });
});
