import { describe, expect, it } from 'vitest';
import { TrustedProxies } from './trusted-proxies.ts';

const near = '10.0.0.1';
const far = '10.0.0.2';
const client = '203.0.113.7';

describe('the client behind proxies', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8:aaaa::/48']);

  it.each([
    ['of one proxy', near, client, client],
    ['with a port', near, `${client}:50001`, client],
    ['with another port', near, `${client}:50002`, client],
    ['of IPv6 in brackets', near, '[2001:db8::7]', '2001:db8::7'],
    ['of IPv6 with a port', near, '[2001:db8::7]:443', '2001:db8::7'],
    ['in the form of IPv6', near, `::ffff:${client}`, client],
    ['of two proxies', near, `${client}, ${far}`, client],
    ['of two proxies that add ports', near, `${client}:50001, ${far}:4711`, client],
    ['of an IPv6 proxy', '2001:db8:aaaa::1', `${client}, [2001:db8:aaaa::2]:80`, client],
    ['that adds addresses of its own making', near, `192.0.2.1, 192.0.2.2, ${client}`, client],
    ['that calls itself a proxy', near, `192.0.2.1, ${far}, ${client}`, client],
    ['with empty items between', near, `${client}, , ${far},`, client],
  ])('%s is found', (_, peer, header, expected) => {
    expect(proxies.clientBehind(peer, header)).toBe(expected);
  });

  it.each([
    ['garbage from the only proxy', near, 'garbage', near],
    ['garbage from the far proxy', near, `garbage, ${far}`, far],
    ['garbage behind an address of the client', near, `${client}, unknown`, near],
    ['an empty header', near, ' , ', near],
    ['a client that is not a proxy', client, '192.0.2.1', client],
    ['a client that claims to be behind a proxy', client, `192.0.2.1, ${far}`, client],
    ['proxies only', near, far, far],
  ])('counts %s as the last hop that is known', (_, peer, header, expected) => {
    expect(proxies.clientBehind(peer, header)).toBe(expected);
  });

  it('reads a bounded number of hops', () => {
    expect(proxies.clientBehind(near, `${client}${`, ${far}`.repeat(5_000)}`)).toBe(far);
  });
});

describe('trusted proxies', () => {
  it.each([
    ['loopback', ['127.0.0.1', '127.9.9.9', '::1'], ['10.0.0.1', '::2']],
    ['linklocal', ['169.254.1.1', 'fe80::1'], ['169.253.1.1', 'fec0::1']],
    ['uniquelocal', ['10.1.1.1', '172.16.0.1', '192.168.1.1', 'fd00::1'], ['172.32.0.1', '2001:db8::1']],
    ['192.0.2.1', ['192.0.2.1'], ['192.0.2.2']],
    ['2001:db8::1', ['2001:db8::1'], ['2001:db8::2']],
    ['::ffff:10.0.0.0/104', ['10.1.2.3'], ['11.0.0.1']],
    ['::/0', ['2001:db8::1'], ['10.0.0.1']],
    ['0.0.0.0/0', ['10.0.0.1'], ['2001:db8::1']],
  ])('%s are these and no others', (network, inside, outside) => {
    const proxies = new TrustedProxies([network]);
    expect(inside.filter((address) => !proxies.has(address))).toEqual([]);
    expect(outside.filter((address) => proxies.has(address))).toEqual([]);
  });

  it('are none without a setting', () => {
    expect(new TrustedProxies([]).has('127.0.0.1')).toBe(false);
  });
});
