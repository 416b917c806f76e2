import type { FastifyRequest } from 'fastify';
import type { ApiServer } from '../api-server.ts';

/** As many digits as the largest exact integer has. */
const digits = /^\d{1,16}$/;

type UrlSchema = {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
};

/**
 * Everything in a path or a query is text. Where the schema asks for an integer, decimal digits become one
 * before the validation; whatever else came stays text, and the schema refuses it. Bodies are never
 * converted.
 */
export function readNumbersInUrls(app: ApiServer): void {
  app.addHook('onRoute', (route) => {
    if (route.schema?.params === undefined && route.schema?.querystring === undefined) {
      return;
    }
    const inPath = integerFields(route.schema.params);
    const inQuery = integerFields(route.schema.querystring);
    route.preValidation = (request: FastifyRequest, _reply: unknown, done: () => void) => {
      convert(request.params, inPath);
      convert(request.query, inQuery);
      done();
    };
  });
}

function integerFields(schema: unknown): readonly string[] {
  const properties = (schema as UrlSchema | undefined)?.properties ?? {};
  return Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
}

function convert(values: unknown, names: readonly string[]): void {
  const fields = values as Record<string, unknown>;
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && digits.test(value)) {
      fields[name] = Number(value);
    }
  }
}
