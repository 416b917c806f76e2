import { expect, test } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';

const paths = [
  '/api/docs',
  '/api/docs/',
  '/api/docs/errors',
  '/api/docs/static/index.html',
  '/api/openapi.json',
];

test('the API description is served unless DOCS=false', async () => {
  const checkout = await checkoutForTest();
  for (const path of ['/api/docs', '/api/docs/errors', '/api/openapi.json']) {
    expect([path, (await checkout.get(path)).status]).toEqual([path, 200]);
  }
});

test('with DOCS=false its paths are not found, by any method, and the API works', async () => {
  const checkout = await checkoutForTest({ variables: { DOCS: 'false' } });
  for (const path of paths) {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      const { status } = await checkout.send(method, path, undefined);
      expect([method, path, status]).toEqual([method, path, 404]);
    }
  }
  expect((await checkout.get('/api/docs')).body.code).toBe('route_not_found');
  expect((await checkout.hold(await checkout.createProduct())).status).toBe(201);
});
