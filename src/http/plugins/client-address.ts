import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { proxyNotTrusted } from '../../telemetry/log-events.ts';
import type { ApiServer } from '../api-server.ts';
import type { ServerLog } from '../server-deps.ts';
import { addressIn } from './address-text.ts';
import { forwardingHeaders } from './forwarding-headers.ts';
import { TrustedProxies } from './trusted-proxies.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The client's address for limits, bounds and log lines. `request.ip` is the other end of the connection, which may be a proxy.
     */
    clientAddress: string;
  }
}

/** Few proxies can be missing in `TRUST_PROXY`, and clients that send these headers must not fill the log. */
const warnedMax = 10;
/** The address of a connection that has ended already, whose answer is lost. */
const unknownPeer = 'unknown';

const namesOfClients = forwardingHeaders.flatMap(({ name, namesClient }) => (namesClient ? [name] : []));

type Peer = { readonly address: string; readonly isTrusted: boolean };

/**
 * Finds the client's address for every request, and logs one warning for each address that sends forwarding headers and is not in
 * `TRUST_PROXY`, for ten addresses at most. Has to be added before the hooks that need the address.
 */
export function findClientAddress(app: ApiServer, trustProxy: readonly string[], log: ServerLog): void {
  const proxies = new TrustedProxies(trustProxy);
  // A proxy sends thousands of requests on one connection; the look-up of its address costs 1.5 µs.
  const peers = new WeakMap<Socket, Peer>();
  const warned = new Set<string>();

  function peerOf(socket: Socket): Peer {
    const known = peers.get(socket);
    if (known !== undefined) {
      return known;
    }
    const address = addressIn(socket.remoteAddress ?? '') ?? unknownPeer;
    const peer = { address, isTrusted: address !== unknownPeer && proxies.has(address) };
    peers.set(socket, peer);
    return peer;
  }

  function warnOf(address: string, headers: IncomingHttpHeaders): void {
    const header = namesOfClients.find((name) => headers[name] !== undefined);
    if (header !== undefined && !warned.has(address)) {
      warned.add(address);
      proxyNotTrusted(log, { address, header });
    }
  }

  app.decorateRequest('clientAddress', '');
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, raw } = request;
    const { address, isTrusted } = peerOf(raw.socket);
    const forwardedFor = headers['x-forwarded-for'];
    request.clientAddress =
      isTrusted && typeof forwardedFor === 'string' ? proxies.clientBehind(address, forwardedFor) : address;
    // Of a connection that has ended it is not known whether its proxy is trusted.
    if (!isTrusted && address !== unknownPeer && warned.size < warnedMax) {
      warnOf(address, headers);
    }
    done();
  });
}
