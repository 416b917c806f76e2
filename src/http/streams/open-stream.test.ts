import { expect, it } from 'vitest';
import { asAdmin, serverWith } from '../../../test/support/server-with.ts';

it.each(['/api/v1/products/live', '/api/v1/admin/live'])(
  'who asks only for the head of %s wakes nobody up to read',
  async (url) => {
    // Its reader has nothing that may be read.
    const { app, logged } = serverWith();
    const answer = await app.inject({ method: 'HEAD', url, headers: asAdmin });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(logged).toEqual([]);
  },
);
