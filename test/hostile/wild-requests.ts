import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { adminToken } from '../support/checkout-client.ts';
import type { Operation } from './operations.ts';
import { almostFittingText, fittingText, type KnownValues } from './schema-texts.ts';
import { mark, noJsonText, wildJsonText, wildText } from './wild-texts.ts';
import type { WireRequest } from './wire-client.ts';

/** What a sender shows to be believed: nothing, what is right, or what only looks like it. */
export type Proof = 'none' | 'right' | 'wrong';

/** A request that nobody should send, and which operation it is made from. */
export type WildRequest = {
  readonly operation: Operation;
  readonly request: WireRequest;
  readonly proof: Proof;
};

/** Methods that the server's parser knows, and whose answer a connection survives. */
const methods = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'M-SEARCH'],
  ...['get', 'FOO', 'POST '],
];
const mediaTypes = [
  ...['text/plain', 'text/plain; application/json', 'application/jsonx', 'application/json; charset=utf-16'],
  ...[
    'application/problem+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
  ],
  ...['APPLICATION/JSON', 'application/json;', ';', '*/*', '', 'application/json\r\nX-Zqinjected: 1'],
];
/** What a proxy, a cache, a log or a parser may trip over, beside the headers that the service reads. */
const strangeHeaders: readonly (readonly [string, string])[] = [
  ['Host', 'evil.example'],
  ['X-Forwarded-For', `127.0.0.1, ${mark}`],
  ['X-Forwarded-Host', `${mark}.example`],
  ['X-Http-Method-Override', 'DELETE'],
  ['X-Original-Url', '/api/v1/admin/audit'],
  ['Origin', `https://${mark}.example`],
  ['Origin', 'null'],
  ['Access-Control-Request-Method', 'DELETE'],
  ['Access-Control-Request-Headers', `x-${mark}`],
  ['Content-Encoding', 'gzip'],
  ['Accept', `text/html, ${mark}/*;q=2`],
  ['Accept-Encoding', 'gzip;q=0, *;q=9, ,,'],
  ['Accept-Version', '1.2.3'],
  ['Range', 'bytes=99999999-'],
  ['If-Match', `"${mark}"`],
  ['If-None-Match', '*'],
  ['If-Modified-Since', mark],
  ['Traceparent', `00-${'f'.repeat(32)}-${'f'.repeat(16)}-ff`],
  ['Traceparent', mark],
  ['Last-Event-Id', '999999999999999999999'],
  ['Last-Event-Id', mark],
  ['Cookie', `__proto__=${mark}; token=${adminToken}`],
  ['X-Request-Id', mark],
  ['Webhook-Id', mark],
  ['Webhook-Timestamp', '-1'],
  ['Webhook-Signature', `v1,${'A'.repeat(4_000)}`],
  ['Stripe-Signature', `t=1e9,v1=${mark},v1=,=,,`],
  ['Referer', `https://${mark}.example/`],
  ['__proto__', mark],
  ['constructor', mark],
  ['X-Long', 'a'.repeat(15_000)],
  ['X-Longer', 'a'.repeat(20_000)],
  ['X-Latin', '\xff\xfe\x80'],
  ['X-Split', `a\r\nSet-Cookie: ${mark}=1`],
  ['X-Split', `a\r\n\r\nGET /${mark} HTTP/1.1\r\nHost: a\r\n`],
  ['X-Line', `a\n${mark}: b`],
  ['X-Nul', 'a\0b'],
  ['X Space', 'a'],
  ['', 'a'],
];
const encode = encodeURIComponent;

/** Any request to one of the operations. Most of them have one or two things wrong, so that they come far. */
export function wildRequest(operations: readonly Operation[], known: KnownValues): fc.Arbitrary<WildRequest> {
  return fc.oneof(...operations.map((operation) => wildRequestOf(operation, known)));
}

function wildRequestOf(operation: Operation, known: KnownValues): fc.Arbitrary<WildRequest> {
  return fc
    .record({
      method: mostly(operation.method, fc.constantFrom(...methods), 8),
      target: wildTarget(operation, known),
      mediaType: mostly('application/json', fc.constantFrom(...mediaTypes), 6),
      headers: wildHeaders(operation, known),
      body: wildBody(operation, known),
      proof: fc.oneof(
        { weight: 6, arbitrary: fc.constant<Proof>('right') },
        { weight: 1, arbitrary: fc.constantFrom<Proof>('none', 'wrong') },
      ),
    })
    .map(({ method, target, mediaType, headers, body, proof }) => ({
      operation,
      proof,
      request: {
        method,
        target,
        headers: [
          ...(headers.some(([name]) => name === 'Host') ? [] : [['Host', 'checkout'] as const]),
          ...(body === null || mediaType === '' ? [] : [['Content-Type', mediaType] as const]),
          ...headers,
        ],
        body,
      },
    }));
}

function wildTarget({ path, parameters }: Operation, known: KnownValues): fc.Arbitrary<string> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const values = fc.record(
    Object.fromEntries(
      inPath.map(({ name, schema }) => [
        name,
        fc.oneof(
          { weight: 4, arbitrary: fittingText(schema, known, fieldOf(path, name)).map(plainText) },
          { weight: 1, arbitrary: wildText },
        ),
      ]),
    ),
  );
  const field = fc.oneof(
    ...inQuery.map(({ name, schema }) =>
      fc.tuple(
        fc.constant(name),
        fc.oneof({ weight: 3, arbitrary: fittingText(schema, known, name).map(plainText) }, wildText),
      ),
    ),
    fc.tuple(wildText, wildText),
  );
  const query = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    {
      weight: inQuery.length > 0 ? 6 : 1,
      arbitrary: fc
        .array(field, { maxLength: 3 })
        .map((fields) => `?${fields.map(([name, value]) => `${safely(name)}=${safely(value)}`).join('&')}`),
    },
    fc.constantFrom(
      '?',
      '?&&=',
      '?__proto__[x]=1',
      '?limit=1&limit=2',
      '?limit[]=1',
      '?%',
      '?%zz=%00',
      '?a=%ff',
    ),
  );
  const trick = mostly<(target: string) => string>((target) => target, fc.constantFrom(...pathTricks), 12);
  return fc
    .tuple(values, query, trick)
    .map(([of, text, tricked]) =>
      tricked(path.replace(/\{(\w+)\}/g, (_, name: string) => safely(of[name] ?? '')) + text),
    );
}

/** What a parameter of a path is called in bodies: `/holds/{id}` has a `hold_id`. */
function fieldOf(path: string, name: string): string {
  const [, things] = /(\w+)s\/\{id\}/.exec(path) ?? [];
  return name === 'id' && things !== undefined ? `${things}_id` : name;
}

/** Ways to say a path so that somebody on the way reads another one. */
const pathTricks: readonly ((target: string) => string)[] = [
  (target) => `/${target}`,
  (target) => `/.${target}`,
  (target) => `/x/..${target}`,
  (target) => `/x/%2e%2e${target}`,
  (target) => `${target}/..%2f..%2fetc/passwd`,
  (target) => `${target}/`,
  (target) => `${target};x=1`,
  (target) => `${target}%00`,
  (target) => `${target}%zz`,
  (target) => `${target}#${mark}`,
  (target) => target.replace('/v1/', '/v1%2f'),
  (target) => target.replaceAll('/', '\\'),
  (target) => target.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (target) => target.toUpperCase(),
  (target) => `http://evil.example${target}`,
  (target) => `//evil.example${target}`,
  (target) => `${target}${'/a'.repeat(4_000)}`,
  (target) => `${target} HTTP/1.1\r\nX-${mark}: 1\r\n`,
  () => '*',
];

function wildHeaders({ parameters }: Operation, known: KnownValues): fc.Arbitrary<WireRequest['headers']> {
  const own = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, schema }) =>
      fc.tuple(
        fc.constant(name),
        fc.oneof({ weight: 3, arbitrary: fittingText(schema, known, name).map(plainText) }, wildText),
      ),
    );
  const strange = fc.constantFrom(...strangeHeaders);
  const fields = fc.array(own.length > 0 ? fc.oneof(...own, strange) : strange, { maxLength: 3 });
  return fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fields });
}

function wildBody({ body, method }: Operation, known: KnownValues): fc.Arbitrary<Buffer | null> {
  const wild = fc.oneof({ weight: 3, arbitrary: wildJsonText }, noJsonText);
  if (body === null) {
    const none = { weight: method === 'GET' ? 12 : 4, arbitrary: fc.constant(null) };
    return fc.oneof(none, wild.map(utf8));
  }
  const text = fc.oneof(
    { weight: 3, arbitrary: fittingText(body, known) },
    { weight: 5, arbitrary: almostFittingText(body, known) },
    { weight: 2, arbitrary: wild },
  );
  const bytes = fc
    .tuple(text, mostly<(text: string) => Buffer | null>(utf8, fc.constantFrom(...encodings), 8))
    .map(([sent, inBytes]) => inBytes(sent));
  return bytes;
}

const utf8 = (text: string) => Buffer.from(text);

const encodings: readonly ((text: string) => Buffer | null)[] = [
  () => null,
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(`\u{feff}${text}`),
  (text) => Buffer.from(text.replace('a', '\xe9'), 'latin1'),
  (text) => gzipSync(text),
  (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0xc0, 0x80])]),
  (text) => Buffer.from(text).subarray(0, -1),
  (text) => Buffer.from(text.padEnd(65_536)),
  (text) => Buffer.from(text.padEnd(65_537)),
  (text) => Buffer.from(text.padEnd(300_000, 'a')),
  (text) => Buffer.from(`${text}\r\n\r\nGET /${mark} HTTP/1.1\r\nHost: a\r\n\r\n`),
];

/** A value as it stands in a URL or a header: what JSON puts quotes around stands there without. */
function plainText(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === 'string' ? value : String(value);
}

/** Percent-encoded, and a half of a character, which nobody can encode, as the bytes that it would be. */
function safely(text: string): string {
  return text.isWellFormed() ? encode(text) : '%ed%a0%80';
}

function mostly<Value>(usual: Value, other: fc.Arbitrary<Value>, weight: number): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}
