import { fastify, type RouteOptions } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { type ErrorCode, errorEntry } from '../error-catalogue.ts';
import { problemMediaType, problemText } from '../problem.ts';
import { problemSchema } from '../schemas/problem.ts';

/**
 * Carries the codes of a route from its configuration to the finished description, and does not stay in it.
 */
const codesKey = 'x-error-codes';

type Operation = {
  [codesKey]?: readonly ErrorCode[];
  requestBody?: unknown;
  responses?: Record<string, unknown>;
};

/** Makes the API description when it is first asked for. */
export type DescribeApi = () => Promise<object>;

/**
 * Collects the routes for the API description. Has to be called before they are added.
 *
 * @param has whether there are routes that exist outside production only
 */
export function describeApi(app: ApiServer, has: { readonly development: boolean }): DescribeApi {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  let description: Promise<object> | undefined;
  return () => {
    description ??= createDescription(routes, has);
    return description;
  };
}

/**
 * What makes it is loaded here and gets the routes on a server of its own that serves nobody: on the real one it would have to be
 * there before the first route, which took 30 ms of each start.
 */
async function createDescription(
  routes: readonly RouteOptions[],
  has: { readonly development: boolean },
): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger');
  const described = fastify({ logger: false, exposeHeadRoutes: false });
  described.setValidatorCompiler(() => () => true);
  described.setSerializerCompiler(() => JSON.stringify);
  await described.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Flash-sale checkout',
        version: '1.0.0',
        description:
          'Hold units, turn the hold into an order, pay. Errors are `application/problem+json`; ' +
          '[their codes](/api/docs/errors) never change their meaning.',
      },
      tags: [
        { name: 'products', description: 'What is on sale, and how much of it is available' },
        { name: 'holds', description: 'Units reserved for a buyer until a deadline' },
        { name: 'orders', description: 'Holds that became purchases' },
        { name: 'payments', description: 'What payment providers say' },
        { name: 'admin', description: 'What operators do; needs the admin token' },
        { name: 'health', description: 'For orchestrators and load balancers' },
        ...(has.development
          ? [{ name: 'development', description: 'Payments without money; not there in production' }]
          : []),
      ],
      components: {
        securitySchemes: {
          adminToken: { type: 'http', scheme: 'bearer', description: 'The value of `ADMIN_TOKEN`' },
        },
        schemas: { Problem: problemSchema },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: { ...schema, [codesKey]: codesOf(url, route.config?.errors ?? []) },
      url,
    }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) {
        return document.swaggerObject;
      }
      for (const path of Object.values(document.openapiObject.paths ?? {})) {
        for (const operation of Object.values(path ?? {})) {
          addErrors(operation as Operation);
        }
      }
      return document.openapiObject;
    },
  });
  for (const { method, url, schema = {}, config = {} } of routes) {
    if (method !== 'HEAD') {
      described.route({ method, url, schema, config, handler: async () => {} });
    }
  }
  await described.ready();
  return described.swagger();
}

/** Every route of the API can find the database away or the process ending, or meet a defect. */
function codesOf(url: string, own: readonly ErrorCode[]): readonly ErrorCode[] {
  return url.startsWith('/api/') ? [...own, 'internal_error', 'database_unavailable', 'shutting_down'] : own;
}

/** What only a request with a body can meet. */
const bodyCodes: readonly ErrorCode[] = ['malformed_json', 'body_too_large', 'unsupported_media_type'];

function addErrors(operation: Operation): void {
  const { [codesKey]: own = [], responses = {} } = operation;
  delete operation[codesKey];
  const codes = operation.requestBody === undefined ? own : [...own, ...bodyCodes];
  for (const status of new Set(codes.map((code) => errorEntry(code).status))) {
    const ofStatus = codes.filter((code) => errorEntry(code).status === status);
    responses[status] = {
      description: ofStatus.map((code) => `\`${code}\`: ${errorEntry(code).when}`).join('\n\n'),
      content: {
        [problemMediaType]: {
          schema: {
            allOf: [{ $ref: '#/components/schemas/Problem' }],
            properties: { code: { enum: ofStatus } },
          },
          examples: Object.fromEntries(ofStatus.map((code) => [code, { value: exampleOf(code) }])),
        },
      },
    };
  }
  operation.responses = responses;
}

const exampleFields: Readonly<Record<string, unknown>> = {
  available_stock: 1,
  requested: 2,
  next_release_at: '2026-11-27T09:02:00Z',
  opens_at: '2026-11-27T09:00:00Z',
  closes_at: null,
  order_id: 6120948351207743,
  order_status: 'paid',
  stock: 50,
  held_stock: 48,
  version: 'a1b2c3d4e5f60718',
  retry_at: '2026-11-27T09:21:00Z',
  result: 'refund_due',
  decision: 'nothing_due',
  errors: [{ field: 'qty', message: 'expected an integer from 1 to 1000000, got "2"' }],
};

function exampleOf(code: ErrorCode): unknown {
  const { fields } = errorEntry(code);
  const values = Object.fromEntries(fields.map((field) => [field, exampleFields[field]]));
  return JSON.parse(
    problemText(fields.length === 0 ? { code } : { code, fields: values }, '5f3a9c1e7b20-1k'),
  );
}
