import { isIP, SocketAddress } from 'node:net';

/** An IPv4 address or an IPv6 address in brackets, each with or without a port. */
const withPort = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;
const mapped = '::ffff:';
/** A provider assigns at least this many bits of IPv6 to one customer. */
const groupsOfNetwork = 4;
const groupsOfAddress = 8;

/**
 * The address in one item of `X-Forwarded-For`, in its normal form: without port, brackets and zone. An IPv4-mapped IPv6 address is the
 * IPv4 address. Some proxies add the client's port, which differs between connections.
 *
 * @returns null for a text that is not an address
 */
export function addressIn(text: string): string | null {
  const match = withPort.exec(text);
  const candidate = match?.[1] ?? match?.[2] ?? text;
  switch (isIP(candidate)) {
    case 4:
      return candidate;
    case 6:
      return normalIpv6(candidate);
    default:
      return null;
  }
}

function normalIpv6(text: string): string {
  const [withoutZone = ''] = text.split('%', 1);
  const { address } = new SocketAddress({ address: withoutZone, family: 'ipv6' });
  const ipv4 = address.startsWith(mapped) ? address.slice(mapped.length) : '';
  return isIP(ipv4) === 4 ? ipv4 : address;
}

/**
 * The unit that a limit counts: an IPv4 address, or the /64 of an IPv6 address, because one customer has a whole /64.
 *
 * @param address in its normal form
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) {
    return address;
  }
  const [head = '', tail] = address.split('::');
  const front = groupsIn(head);
  const back = groupsIn(tail ?? '');
  const zeros = Array<string>(groupsOfAddress - front.length - back.length).fill('0');
  return `${[...front, ...zeros, ...back].slice(0, groupsOfNetwork).join(':')}::/64`;
}

function groupsIn(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
