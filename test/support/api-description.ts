import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type ErrorCode, errorEntry } from '../../src/http/error-catalogue.ts';
import type { CheckoutClient, Reply } from './checkout-client.ts';

type Media = {
  readonly schema?: { readonly properties?: { readonly code?: { readonly enum: readonly string[] } } };
};
type Responses = Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
type Document = {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly operationId: string; readonly responses: Responses }>>>
  >;
};
type Operation = {
  readonly operationId: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly pointer: string;
  readonly responses: Responses;
};

const problemMedia = 'application/problem+json';
const problemFields = ['type', 'title', 'status', 'detail', 'code', 'request_id'];
/** Said before a route is found. */
const codesOfNoRoute = [
  'route_not_found',
  'method_not_allowed',
  'malformed_request',
  'headers_too_large',
  'request_timeout',
];

/** What the server says of its API, held against what it does. */
export class ApiDescription {
  /** What was answered so far: operation, status and code. */
  readonly exercised = new Set<string>();
  readonly #operations: readonly Operation[];
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ ...document, $id: 'api' });
    this.#operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, responses }]) => ({
        operationId,
        method: method.toUpperCase(),
        pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]*')}$`),
        pointer: `api#/paths/${pointerText(path)}/${method}/responses`,
        responses,
      })),
    );
  }

  static async of(checkout: CheckoutClient): Promise<ApiDescription> {
    return new ApiDescription(JSON.parse((await checkout.get('/api/openapi.json')).text));
  }

  /** Everything that the document says can be answered. */
  documented(): readonly string[] {
    return this.#operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, { content }]) =>
        (content?.[problemMedia]?.schema?.properties?.code?.enum ?? ['']).map((code) =>
          entry(operationId, Number(status), code),
        ),
      ),
    );
  }

  /** The operations that can answer a code. */
  operationsWith(code: ErrorCode): readonly string[] {
    const { status } = errorEntry(code);
    const documented = new Set(this.documented());
    return this.#operations
      .map(({ operationId }) => operationId)
      .filter((operationId) => documented.has(entry(operationId, status, code)));
  }

  /** Looks at every answer that a client gets from now on. */
  watch(checkout: CheckoutClient): void {
    checkout.observe = (method, path, reply) => this.check(method, path, reply);
  }

  /** @throws Error when the document does not say that this request can be answered so */
  check(method: string, target: string, reply: Reply): void {
    const path = target.split('?', 1)[0] ?? '';
    // A path without a parameter is not meant by one that has it in the same place.
    const fitting = this.#operations.filter((each) => each.method === method && each.pattern.test(path));
    const operation = fitting.find(({ pattern }) => !pattern.source.includes('*')) ?? fitting[0];
    const { code } = reply.body;
    if (operation === undefined || codesOfNoRoute.includes(code)) {
      return;
    }
    const { operationId, pointer } = operation;
    const said = `${operationId} answered ${reply.status} ${reply.text}`;
    const media = String(reply.headers['content-type'] ?? '').split(';', 1)[0] ?? '';
    const documented = operation.responses[reply.status];
    if (documented === undefined) {
      throw new Error(`${said}, which is not documented`);
    }
    if (media !== '') {
      const { valid, errors } = this.#validate(
        `${pointer}/${reply.status}/content/${pointerText(media)}/schema`,
        media.includes('json') ? reply.body : reply.text,
      );
      if (!valid) {
        throw new Error(`${said}, which is not as documented: ${errors}`);
      }
    } else if (reply.status !== 204) {
      throw new Error(`${said} without a media type`);
    }
    if (code !== undefined) {
      const expected = [...problemFields, ...errorEntry(code as ErrorCode).fields].toSorted();
      if (Object.keys(reply.body).toSorted().join() !== expected.join()) {
        throw new Error(`${said}, expected the fields ${expected}`);
      }
    }
    this.exercised.add(entry(operationId, reply.status, code ?? ''));
  }

  #validate(pointer: string, body: unknown): { readonly valid: boolean; readonly errors: string } {
    const known = this.#validators.get(pointer);
    const validator = known ?? this.#ajv.compile({ $ref: pointer });
    this.#validators.set(pointer, validator);
    return { valid: validator(body) === true, errors: this.#ajv.errorsText(validator.errors) };
  }
}

function entry(operationId: string, status: number, code: string): string {
  return `${operationId} ${status} ${code}`.trim();
}

/** A name as one step of a JSON pointer in a URI. */
function pointerText(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}
