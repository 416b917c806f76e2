import { describe, expect, it } from 'vitest';
import {
  choice,
  host,
  integer,
  isLoopbackHost,
  list,
  network,
  optionalPath,
  origin,
  type Parser,
  ratio,
  safeOrigin,
  truth,
} from './parsers.ts';

type Case = {
  readonly parser: Parser<unknown>;
  readonly takes: readonly (readonly [text: string, value: unknown])[];
  readonly refuses: readonly string[];
};

const cases: Readonly<Record<string, Case>> = {
  integer: {
    parser: integer(0, 65_535),
    takes: [
      ['0', 0],
      ['8000', 8000],
      ['65535', 65_535],
      ['007', 7],
    ],
    refuses: ['', '-1', '65536', '1.5', '1e3', '0x10', '+1', '1 000', '8000a', 'NaN', '9'.repeat(40)],
  },
  truth: {
    parser: truth,
    takes: [
      ['true', true],
      ['TRUE', true],
      ['1', true],
      ['off', false],
      ['0', false],
    ],
    refuses: ['', 'maybe', '2', 'truefalse'],
  },
  choice: { parser: choice('info', 'warn'), takes: [['warn', 'warn']], refuses: ['', 'INFO', 'information'] },
  list: {
    parser: list(host),
    takes: [
      ['', []],
      ['a', ['a']],
      ['a, b', ['a', 'b']],
    ],
    refuses: [',', 'a,', 'a,,b', 'a b'],
  },
  optionalPath: {
    parser: optionalPath,
    takes: [
      ['', null],
      ['logs/a.log', 'logs/a.log'],
    ],
    refuses: [],
  },
  host: {
    parser: host,
    takes: [
      ['127.0.0.1', '127.0.0.1'],
      ['::', '::'],
      ['localhost', 'localhost'],
      ['shop-1.example', 'shop-1.example'],
    ],
    refuses: ['', 'localhost:8000', 'http://localhost', '[::1]', 'a b', '-a'],
  },
  origin: {
    parser: origin,
    takes: [
      ['*', '*'],
      ['https://shop.example', 'https://shop.example'],
      ['http://localhost:5173', 'http://localhost:5173'],
    ],
    refuses: ['', 'shop.example', 'https://shop.example/', 'https://shop.example/path', 'null'],
  },
  safeOrigin: {
    parser: safeOrigin,
    takes: [
      ['https://api.stripe.com', 'https://api.stripe.com'],
      ['http://127.0.0.1:12111', 'http://127.0.0.1:12111'],
      ['http://[::1]:12111', 'http://[::1]:12111'],
    ],
    refuses: [
      '',
      'api.stripe.com',
      'http://api.stripe.com',
      'https://api.stripe.com/',
      'https://user:password@api.stripe.com',
      'ftp://127.0.0.1',
      '*',
    ],
  },
  ratio: {
    parser: ratio,
    takes: [
      ['0', 0],
      ['1', 1],
      ['1.0', 1],
      ['0.05', 0.05],
      ['.5', 0.5],
    ],
    refuses: ['', '1.1', '2', '-0.1', '1e-3', '5%', '0,5', '.'],
  },
  network: {
    parser: network,
    takes: [
      ['10.0.0.1', '10.0.0.1'],
      ['10.0.0.0/8', '10.0.0.0/8'],
      ['fd00::/64', 'fd00::/64'],
      ['loopback', 'loopback'],
    ],
    refuses: ['', 'true', 'proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '/8'],
  },
};

describe.each(Object.entries(cases))('%s', (_, { parser, takes, refuses }) => {
  it.each(takes)('takes "%s"', (text, value) => {
    expect(parser.parse(text)).toEqual(value);
  });

  it.each(refuses.map((text) => [text]))('refuses "%s"', (text) => {
    expect(parser.parse(text)).toBeUndefined();
  });
});

describe('a loopback host', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LocalHost'])(
    'is %s',
    (value) => {
      expect(isLoopbackHost(value)).toBe(true);
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1', '127.0.0.1.example', 'localhost.example'])(
    'is not %s',
    (value) => {
      expect(isLoopbackHost(value)).toBe(false);
    },
  );
});
