import { isIP } from 'node:net';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { isLoopbackHost } from '../../config/parsers.ts';
import { sendProblem } from '../problem.ts';
import { forwardingHeaders } from './forwarding-headers.ts';

/** `name`, `name:port`, `[address]` or `[address]:port`. */
const authority = /^(?:\[([^\]]*)\]|([^:@]*))(?::\d*)?$/;
/** A request target in absolute form: its authority is the host and overrides the header (RFC 9112, section 3.2.2). */
const absoluteForm = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i;

/**
 * Accepts only requests of this machine. It protects routes that check no signature: a proxy on the same machine makes them reachable for
 * others, and the owner of a domain can point a name at this machine (DNS rebinding).
 *
 * @param localHosts further names of this machine, beside the loopback names
 */
export function refuseForeignRequests(localHosts: readonly string[]): onRequestHookHandler {
  const names = new Set(localHosts.map(nameOf));
  return (request, reply, done) => {
    const reason = foreignSign(request, names);
    if (reason === null) {
      done();
    } else {
      sendProblem(reply, { code: 'not_a_local_request', detail: reason });
    }
  };
}

/** The first sign that a request comes from elsewhere, as a text for its sender. */
function foreignSign({ headers, raw }: FastifyRequest, names: ReadonlySet<string>): string | null {
  const forwarded = forwardingHeaders.find(({ name }) => headers[name] !== undefined);
  if (forwarded !== undefined) {
    return `The request has the header ${forwarded.name}, so it came through a proxy. Send it to this machine directly, or sign payment events.`;
  }
  // The bare proxy_pass of nginx adds no header and names the upstream as host, but it speaks HTTP/1.0.
  if (raw.httpVersion !== '1.1') {
    return `Expected HTTP/1.1, got HTTP/${raw.httpVersion}, which a proxy without settings sends.`;
  }
  // http-rules.ts has refused requests with several Host headers.
  const target = absoluteForm.exec(raw.url ?? '');
  const hosts = [headers.host ?? '', ...(target === null ? [] : [target[1] ?? ''])];
  return hosts.every((host) => isLocalHost(host, names))
    ? null
    : 'The host of the request is not a name of this machine. Expected localhost, a loopback address or a name of LOCAL_HOSTS.';
}

function isLocalHost(host: string, names: ReadonlySet<string>): boolean {
  const match = authority.exec(host);
  const bracketed = match?.[1];
  if (bracketed !== undefined) {
    return isIP(bracketed) === 6 && (isLoopbackHost(bracketed) || names.has(nameOf(bracketed)));
  }
  const name = nameOf(match?.[2] ?? '');
  return isLoopbackHost(name) || name.endsWith('.localhost') || names.has(name);
}

/** Upper case and a dot at the end do not change a name. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
