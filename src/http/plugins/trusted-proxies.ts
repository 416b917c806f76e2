import { BlockList, isIP } from 'node:net';
import { addressIn } from './address-text.ts';

/** The names of networks that `TRUST_PROXY` accepts. */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};
/** A network with at least this prefix is either inside or outside the IPv4-mapped addresses. */
const mappedBits = 96;
/** Addresses of one header that are read. A header of 16 KiB has room for thousands, and each costs 1.5 µs. */
const hopsMax = 32;

/** The proxies whose forwarded client address counts: the value of `TRUST_PROXY`. */
export class TrustedProxies {
  // Node compares an IPv4 address with IPv6 networks too, so `::/0` would trust every IPv4 address.
  readonly #ipv4 = new BlockList();
  readonly #ipv6 = new BlockList();

  /** @param networks addresses, networks such as 10.0.0.0/8, and the names of networks */
  constructor(networks: readonly string[]) {
    for (const network of networks.flatMap((each) => namedNetworks[each] ?? [each])) {
      this.#add(network);
    }
  }

  has(address: string): boolean {
    return isIP(address) === 6 ? this.#ipv6.check(address, 'ipv6') : this.#ipv4.check(address, 'ipv4');
  }

  /**
   * The address of the client: from the peer on, each trusted hop names the address before it. A hop that names something that is not an
   * address counts as the client.
   *
   * @param peer the other end of the connection
   * @param forwardedFor the value of `X-Forwarded-For`
   */
  clientBehind(peer: string, forwardedFor: string): string {
    const hops = forwardedFor
      .split(',')
      .map((hop) => hop.trim())
      .filter((hop) => hop !== '')
      .slice(-hopsMax);
    let client = peer;
    for (const hop of hops.toReversed()) {
      const sender = this.has(client) ? addressIn(hop) : null;
      if (sender === null) {
        break;
      }
      client = sender;
    }
    return client;
  }

  #add(network: string): void {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const prefix = bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits);
    if (family === 'ipv4' || prefix >= mappedBits) {
      this.#ipv4.addSubnet(address, prefix, family);
    }
    if (family === 'ipv6') {
      this.#ipv6.addSubnet(address, prefix, family);
    }
  }
}
