import fc from 'fast-check';

/** Stands in every text that would do harm where it is taken for more than a text. */
export const mark = 'zqinjected';

/** Nothing that a JSON document, a database, a log line, a page or a header may take for something else. */
const dangerousTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u0007\u001b[31m',
  '\u2028\u2029',
  '\u202e',
  '\ufeff',
  '\ud800',
  '\udc00 alone',
  '😀'.repeat(200),
  'e\u0301'.repeat(100),
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '1e400',
  '9007199254740993',
  `<script>${mark}()</script>`,
  `"><img src=x onerror=${mark}()>`,
  `'; drop table products; -- ${mark}`,
  `\${${mark}}{{${mark}}}#{${mark}}`,
  `%s%n%d ${mark}`,
  `../../${mark}`,
  `x\r\nX-${mark}: 1`,
  `x\n{"level":"fatal","msg":"${mark}"}`,
  `=cmd|' /C calc'!A0 ${mark}`,
  'a'.repeat(255),
  'a'.repeat(256),
  'a'.repeat(5_000),
];

export const wildText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...dangerousTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
);

/** Numbers as JSON writes them, most of them at an edge of what somebody can count with. */
export const wildNumberText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['0', '-0', '1', '-1', '0.5', '1.005', '0.001', '1e-400', '1e400', '-1e400', '1E5', '1e0', '100e-2'],
    ...['255', '32767', '32768', '65536', '2147483647', '2147483648', '4294967296', '1000000', '1000001'],
    ...['9007199254740991', '9007199254740992', '9007199254740993', '9223372036854775808', '9'.repeat(400)],
    ...['0.1e1', '9999999.99', '9999999.999', '10000000', '1000000000', '-1000000000', '0.30000000000000004'],
  ),
  fc.double().map((number) => String(number === 0 || !Number.isFinite(number) ? 0 : number)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
);

const wildKeyText = fc
  .oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'toJSON', 'hasOwnProperty', ''), wildText)
  .map((name) => JSON.stringify(name));

/** What a parser that calls itself once for each bracket does not survive. */
const deepText = fc
  .tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(3, 100, 2_000, 10_000))
  .map(([open, depth]) => `${open.repeat(depth)}0${(open === '[' ? ']' : '}').repeat(depth)}`);

/** Any JSON there is, as text: values that no program would write are among it, and names that are there twice. */
export const wildJsonText: fc.Arbitrary<string> = fc.letrec<{ readonly value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', '""', '[]', '{}'),
    wildNumberText,
    wildText.map((text) => JSON.stringify(text)),
    deepText,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc.array(fc.tuple(wildKeyText, tie('value')), { maxLength: 4 }).map(objectText),
  ),
})).value;

/** @param fields the names as JSON writes them, each with its value */
export function objectText(fields: readonly (readonly [name: string, value: string])[]): string {
  return `{${fields.map(([name, value]) => `${name}:${value}`).join()}}`;
}

/** What begins like JSON and is none. */
export const noJsonText: fc.Arbitrary<string> = fc.constantFrom(
  ...['', '{', '{"a":', '[', '"', '"\\ud8', '{"a":1,}', '{a:1}', "{'a':1}", 'NaN', '+1', '01', '1.', '.5'],
  ...[
    '{"a":1}{"a":1}',
    '/**/{}',
    '{"a":1}\0',
    '\u{feff}{}',
    '{"a":"\u0001"}',
    'undefined',
    '<xml/>',
    'a=1&b=2',
  ],
);
