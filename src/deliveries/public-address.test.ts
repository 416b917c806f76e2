import { describe, expect, it } from 'vitest';
import { isPublicAddress, PrivateAddressError, privateAddressOf, publicLookup } from './public-address.ts';

it.each(['93.184.215.14', '1.1.1.1', '172.32.0.1', '192.169.0.1', '2606:4700:4700::1111', '2a00:1450::8'])(
  'takes %s as public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

it.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'ff02::1',
  '2001:db8::1',
  '2001::1',
  '2002:7f00:1::1',
  'localhost',
])('takes %s as private', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each([
  ['http://127.0.0.1/', '127.0.0.1'],
  ['http://127.1/', '127.0.0.1'],
  ['http://2130706433/', '127.0.0.1'],
  ['http://0x7f.0.0.1/', '127.0.0.1'],
  ['http://[::1]:8080/', '::1'],
  ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ['https://169.254.169.254/latest', '169.254.169.254'],
])('sees the private address in %s, however it is written', (url, address) => {
  expect(privateAddressOf(new URL(url))?.message).toBe(`${address} is no public address`);
});

it.each(['https://1.1.1.1/', 'https://[2606:4700:4700::1111]/', 'https://localhost/'])(
  'leaves %s to the connection',
  (url) => {
    expect(privateAddressOf(new URL(url))).toBeNull();
  },
);

describe('a look-up for a socket', () => {
  const resolved = (...addresses: string[]) =>
    publicLookup((_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  const asked = (lookup: ReturnType<typeof publicLookup>, all: boolean) =>
    new Promise((resolve) =>
      lookup('hooks.example', { all }, (error, address, family) => resolve(error ?? [address, family])),
    );

  it('gives public addresses, one or all as the socket wants', async () => {
    const lookup = resolved('1.1.1.1', '2606:4700:4700::1111');
    expect(await asked(lookup, false)).toEqual(['1.1.1.1', 4]);
    expect(await asked(lookup, true)).toEqual([
      [
        { address: '1.1.1.1', family: 4 },
        { address: '2606:4700:4700::1111', family: 6 },
      ],
      undefined,
    ]);
  });

  it('refuses a name with any private address: the socket might take that one', async () => {
    for (const all of [true, false]) {
      expect(await asked(resolved('1.1.1.1', '10.0.0.1'), all)).toEqual(
        new PrivateAddressError('hooks.example', '10.0.0.1'),
      );
    }
  });

  it('passes on why a name has no address', async () => {
    const unknown = publicLookup((_hostname, _options, callback) => callback(new Error('ENOTFOUND'), []));
    expect(await asked(unknown, true)).toEqual(new Error('ENOTFOUND'));
    expect(await asked(resolved(), true)).toEqual(new Error('hooks.example has no address'));
  });
});
