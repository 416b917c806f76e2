import type { Schema } from './schema-texts.ts';

type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
};

/** What the API description says of one way to call it. */
export type Operation = {
  readonly operationId: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Null where there is no body. */
  readonly body: Schema | null;
};

export type ApiDocument = {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly parameters?: readonly Parameter[];
            readonly requestBody?: {
              readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
            };
          }
        >
      >
    >
  >;
};

/** Served, and no part of the description: pages, and what is about the API. */
const otherPaths = [
  '/',
  '/console',
  '/icon.svg',
  '/assets/{file}',
  '/api/openapi.json',
  '/api/docs',
  '/api/docs/{file}',
  '/api/docs/static/{file}',
  '/simulated-payments/{client_secret}',
] as const;

/** Everything that a server takes. */
export function operationsOf(document: ApiDocument): readonly Operation[] {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => ({
      operationId,
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema ?? null,
    })),
  );
  const others = otherPaths.map((path) => ({
    operationId: path,
    method: 'GET',
    path,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(
      ([, name = '']): Parameter => ({ name, in: 'path', schema: { type: 'string' } }),
    ),
    body: null,
  }));
  return [...described, ...others];
}
