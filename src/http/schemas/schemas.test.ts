import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';

describe('the schemas of the routes', () => {
  it('are JSON Schema, which the server takes for granted to start faster', async () => {
    const { app } = serverWith();
    // A plain server checks each schema against the meta-schema before it compiles it.
    const plain = fastify({ ajv: { customOptions: { allowUnionTypes: true } } });
    let count = 0;
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (schema?.response !== undefined && method !== 'HEAD') {
        plain.route({ method, url, schema, handler: async () => null });
        count += 1;
      }
    });
    await app.ready();
    await plain.ready();
    expect(count).toBe(33);
  });
});
