import { BlockList, isIP } from 'node:net';

/** Reads one kind of value from the text of a variable or a flag. */
export interface Parser<Value> {
  /** Ends the sentence "expected …". */
  readonly expected: string;
  /** What `--help` shows behind the flag. */
  readonly placeholder: string;
  /** `undefined` says that the text is not what was expected. */
  parse(text: string): Value | undefined;
}

export function integer(min: number, max: number): Parser<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    placeholder: 'number',
    // Decimal digits only: Number() would also read '', '0x10' and '1e3', which nobody means here.
    parse: (text) =>
      /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined,
  };
}

const truthByWord: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

export const truth: Parser<boolean> = {
  expected: 'true or false',
  placeholder: 'true|false',
  parse: (text) => truthByWord.get(text.toLowerCase()),
};

export function choice<const Choice extends string>(...choices: readonly Choice[]): Parser<Choice> {
  return {
    expected: `one of ${choices.join(', ')}`,
    placeholder: 'word',
    parse: (text) => choices.find((candidate) => candidate === text),
  };
}

/** Text that matches `pattern` as a whole. */
export function text(expected: string, placeholder: string, pattern: RegExp): Parser<string> {
  return { expected, placeholder, parse: (value) => (pattern.test(value) ? value : undefined) };
}

/** A comma list; the empty text is the empty list. Spaces around an item do not count. */
export function list(item: Parser<string>): Parser<readonly string[]> {
  return {
    expected: `a comma list, each item ${item.expected}`,
    placeholder: 'list',
    parse: (value) => {
      const items = value.trim() === '' ? [] : value.split(',').map((part) => item.parse(part.trim()));
      return items.every((part) => part !== undefined) ? Object.freeze(items) : undefined;
    },
  };
}

/** A path, or the empty text for "no file". */
export const optionalPath: Parser<string | null> = {
  expected: 'a path, or nothing',
  placeholder: 'path',
  parse: (value) => (value === '' ? null : value),
};

export const host: Parser<string> = {
  expected: 'a host name or an IP address without a port',
  placeholder: 'host',
  parse: (value) =>
    isIP(value) !== 0 || /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*\.?$/i.test(value)
      ? value
      : undefined,
};

/** What a browser sends as `Origin`: scheme, host and port, and no path. */
export const origin: Parser<string> = {
  expected: 'an origin such as https://shop.example, or *',
  placeholder: 'origin',
  parse: (value) => (value === '*' || originOf(value) === value ? value : undefined),
};

function originOf(value: string): string | undefined {
  return URL.canParse(value) ? new URL(value).origin : undefined;
}

export const ratio: Parser<number> = {
  expected: 'a number from 0 to 1',
  placeholder: 'ratio',
  parse: (value) => (/^(0?\.\d+|[01](\.0*)?|0\.\d+)$/.test(value) ? Number(value) : undefined),
};

/** Where a secret may be sent: nobody on the way can read it. */
export const safeOrigin: Parser<string> = {
  expected: 'an origin such as https://api.example, or http:// and a loopback address',
  placeholder: 'origin',
  parse: (value) => {
    if (originOf(value) !== value) {
      return undefined;
    }
    const { protocol, hostname } = new URL(value);
    const isOfThisMachine = protocol === 'http:' && isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1'));
    return protocol === 'https:' || isOfThisMachine ? value : undefined;
  },
};

/** Where events are posted to, as it goes into a request: in its normal form. */
export const webAddress: Parser<string> = {
  expected: 'a URL that begins with https:// or http:// and has no # in it',
  placeholder: 'url',
  parse: (value) => {
    const url = /^https?:\/\//i.test(value) && URL.canParse(value) ? new URL(value) : null;
    return url === null || url.hash !== '' ? undefined : url.href;
  },
};

export const network: Parser<string> = {
  expected: 'an IP address, a network such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
  placeholder: 'address',
  parse: (value) =>
    ['loopback', 'linklocal', 'uniquelocal'].includes(value) || isIP(value) !== 0 || isNetwork(value)
      ? value
      : undefined,
};

function isNetwork(value: string): boolean {
  const [address = '', bits = '', ...rest] = value.split('/');
  const family = isIP(address);
  if (rest.length > 0 || family === 0 || !/^\d{1,3}$/.test(bits)) {
    return false;
  }
  return Number(bits) <= (family === 4 ? 32 : 128);
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach a server that listens on `value`. */
export function isLoopbackHost(value: string): boolean {
  const family = isIP(value);
  return family === 0
    ? value.toLowerCase() === 'localhost'
    : loopback.check(value, family === 4 ? 'ipv4' : 'ipv6');
}
