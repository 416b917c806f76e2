import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { startServer } from '../src/app.ts';
import { loadConfig } from '../src/config/config.ts';
import { createLogger } from '../src/telemetry/logger.ts';

type JsonSchema = {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  /** What more holds where `if` does. */
  readonly then?: JsonSchema;
};
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;
type Operation = {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type ApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Problem: JsonSchema } };
};

/** The file that is made from the API description, by its path from the project's root. */
export const clientTypesFile = 'src/client/api-types.ts';

/** The way to what a page of a list has. */
const items = ['properties', 'items', 'items'];

/**
 * What a type is called, and where in the description it is: the body or the answer of an operation, then the way inside
 * it. A schema that occurs inside another one is referred to by its name there.
 */
const named: Readonly<
  Record<string, readonly [place: 'body' | 'answer', operationId: string, ...way: string[]]>
> = {
  Product: ['answer', 'getProduct'],
  ProductList: ['answer', 'listProducts'],
  NewHold: ['body', 'createHold'],
  CreatedHold: ['answer', 'createHold'],
  Hold: ['answer', 'getHold'],
  HoldStatus: ['answer', 'getHold', 'properties', 'status'],
  NewOrder: ['body', 'createOrder'],
  Order: ['answer', 'getOrder'],
  OrderStatus: ['answer', 'getOrder', 'properties', 'status'],
  RefundOfOrder: ['answer', 'getOrder', 'properties', 'refunds', 'items'],
  RefundReason: ['answer', 'getOrder', 'properties', 'refunds', 'items', 'properties', 'reason'],
  SimulatedPayment: ['body', 'simulatePayment'],
  SimulatedPaymentAnswer: ['answer', 'simulatePayment'],
  PaymentEvent: ['body', 'receivePaymentEvent'],
  PaymentEventAnswer: ['answer', 'receivePaymentEvent'],
  AdminProduct: ['answer', 'adminGetProduct'],
  NewProduct: ['body', 'createProduct'],
  ProductChange: ['body', 'updateProduct'],
  StockChange: ['body', 'changeStock'],
  HoldPage: ['answer', 'adminListHolds'],
  ListedHold: ['answer', 'adminListHolds', ...items],
  OrderPage: ['answer', 'adminListOrders'],
  ListedOrder: ['answer', 'adminListOrders', ...items],
  PaymentEventPage: ['answer', 'adminListPaymentEvents'],
  ListedPaymentEvent: ['answer', 'adminListPaymentEvents', ...items],
  OrderRefund: ['body', 'refundOrder'],
  OrderPayment: ['body', 'payOrder'],
  PaymentEventResolution: ['body', 'resolvePaymentEvent'],
  DecisionPage: ['answer', 'adminListDecisions'],
  Decision: ['answer', 'adminListDecisions', ...items],
  RefundPage: ['answer', 'adminListRefunds'],
  Refund: ['answer', 'adminListRefunds', ...items],
  DisputePage: ['answer', 'adminListDisputes'],
  Dispute: ['answer', 'adminListDisputes', ...items],
  OutgoingEventPage: ['answer', 'adminListEvents'],
  OutgoingEvent: ['answer', 'adminListEvents', ...items],
  DeliveryPage: ['answer', 'adminListDeliveries'],
  Delivery: ['answer', 'adminListDeliveries', ...items],
  EndpointList: ['answer', 'adminListEndpoints'],
  Endpoint: ['answer', 'adminListEndpoints', 'properties', 'endpoints', 'items'],
  Audit: ['answer', 'audit'],
};

/** What a running server says of its API, simulated payments included. */
async function apiDocument(): Promise<ApiDocument> {
  const config = loadConfig({ PORT: '0', DATABASE_URL: 'sqlite::memory:', SEED: 'false', LOG_FILE: '' });
  const { log, close } = createLogger(config, { stdout: null });
  const server = await startServer(config, { log });
  try {
    const answer = await fetch(`${server.url}/api/openapi.json`);
    return (await answer.json()) as ApiDocument;
  } finally {
    await server.stop();
    await close();
  }
}

/** The types of everything that the client sends and gets, as a TypeScript file. */
export async function clientTypes(): Promise<string> {
  const { paths, components } = await apiDocument();
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const { Problem } = components.schemas;
  const schemas = new Map([
    ['Problem', Problem],
    ['ErrorCode', schemaAt(Problem, ['properties', 'code'])],
    ...Object.entries(named).map(
      ([name, [place, operationId, ...way]]) =>
        [name, schemaAt(contentOf(operations, place, operationId), way)] as const,
    ),
  ]);
  const names = new Map([...schemas].map(([name, schema]) => [shapeOf(schema), name]));
  const definitions = Object.fromEntries([...schemas].map(([name, schema]) => [name, typed(schema, names)]));
  const texts = await Promise.all(
    Object.entries(definitions).map(([name, definition]) =>
      compile({ ...definition, definitions }, name, {
        additionalProperties: false,
        bannerComment: '',
        declareExternallyReferenced: false,
        format: false,
        ignoreMinAndMaxItems: true,
        unknownAny: true,
      }),
    ),
  );
  return formatted(`${head}\n${texts.join('\n')}`);
}

const head = `/*
 * What the API takes and gives. Made from its description by "npm run client:types"; what is to be different is
 * changed in src/http/schemas/.
 */
`;

/** As the formatter of the project has it, so that the file is like any other. */
function formatted(text: string): string {
  const biome = join('node_modules', '.bin', 'biome');
  return execFileSync(biome, ['format', `--stdin-file-path=${clientTypesFile}`], {
    input: text,
    encoding: 'utf8',
  });
}

function contentOf(
  operations: readonly Operation[],
  place: 'body' | 'answer',
  operationId: string,
): JsonSchema | undefined {
  const operation = operations.find((each) => each.operationId === operationId);
  const [success] = Object.entries(operation?.responses ?? {}).filter(([status]) => status.startsWith('2'));
  const content = place === 'body' ? operation?.requestBody?.content : success?.[1].content;
  return content?.['application/json']?.schema;
}

/** @throws Error when the description has nothing there: the table of names is to be changed with it */
function schemaAt(schema: JsonSchema | undefined, way: readonly string[]): JsonSchema {
  const found = way.reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    schema,
  );
  if (found === undefined) {
    throw new Error(`the API description has nothing at ${way.join('/')}`);
  }
  return found as JsonSchema;
}

/** What makes two schemas the same type: everything but the words about them. */
function shapeOf(schema: JsonSchema): string {
  return JSON.stringify(schema, (key, value) =>
    key === 'description' || key === 'examples' ? undefined : value,
  );
}

/**
 * A schema as the generator is to see it: it would take a title for the name of a type, so a title becomes the
 * description where there is none, and what has a name of its own becomes a reference.
 */
function typed(schema: JsonSchema, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const { title, description = title, type, properties, items, required, additionalProperties } = schema;
  const inner = (child: JsonSchema) => {
    const name = names.get(shapeOf(child));
    return name === undefined ? typed(child, names) : { $ref: `#/definitions/${name}` };
  };
  return {
    ...(type === undefined ? {} : { type }),
    ...(description === undefined ? {} : { description }),
    ...(schema.enum === undefined ? {} : { enum: schema.enum }),
    ...(required === undefined ? {} : { required }),
    ...(additionalProperties === true ? { additionalProperties } : {}),
    ...(items === undefined ? {} : { items: inner(items) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, child]) => [
              key,
              inner({ ...schema.then?.properties?.[key], ...child }),
            ]),
          ),
        }),
  };
}

if (import.meta.main) {
  writeFileSync(clientTypesFile, await clientTypes());
}
