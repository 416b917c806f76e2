import { BlockList, isIP } from 'node:net';
import type { Config } from './options.ts';

/** Networks that end at a router of the operator: loopback, private, link-local and unique-local addresses. */
const privateNetworks = new BlockList();
for (const [network, bits, family] of [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
] as const) {
  privateNetworks.addSubnet(network, bits, family);
}

/**
 * The warning about endpoints that get events over plain HTTP across a public network, in production; null without such endpoints. It
 * names hosts only, because a path, a query or a user may be secret.
 */
export function plainEndpointsLine({
  eventWebhookUrls,
  nodeEnv,
}: Pick<Config, 'eventWebhookUrls' | 'nodeEnv'>): string | null {
  const hosts = eventWebhookUrls
    .map((text) => new URL(text))
    .filter(({ protocol, hostname }) => protocol === 'http:' && !isPrivateHost(hostname))
    .map(({ host }) => host);
  return nodeEnv !== 'production' || hosts.length === 0
    ? null
    : `EVENT_WEBHOOK_URLS: events for ${[...new Set(hosts)].join(', ')} travel unencrypted over http://: use https://`;
}

/** By its address, or by a name that public DNS does not resolve. The name is not resolved: that would delay the start. */
function isPrivateHost(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  if (family !== 0) {
    return privateNetworks.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
  const labels = hostname.toLowerCase().replace(/\.$/, '').split('.');
  return labels.length === 1 || ['internal', 'local', 'localhost'].includes(labels.at(-1) ?? '');
}
