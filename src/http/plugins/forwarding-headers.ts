/** One header that a proxy adds to a request. */
type ForwardingHeader = {
  readonly name: string;
  /** The proxy that adds it. */
  readonly addedBy: string;
  /** It names the client, so a proxy that sends it expects to be trusted. */
  readonly namesClient?: true;
};

/** The headers that show that a request came through a proxy. A program on the same machine sends none of them. */
export const forwardingHeaders: readonly ForwardingHeader[] = [
  { name: 'forwarded', addedBy: 'any proxy, RFC 7239', namesClient: true },
  { name: 'x-forwarded-for', addedBy: 'nearly every proxy, when it is configured', namesClient: true },
  { name: 'x-forwarded-host', addedBy: 'Apache, Caddy, Traefik' },
  { name: 'x-forwarded-proto', addedBy: 'every proxy that ends TLS' },
  { name: 'x-forwarded-port', addedBy: 'Traefik, load balancers of AWS' },
  { name: 'x-forwarded-server', addedBy: 'Apache, Traefik' },
  { name: 'x-forwarded-scheme', addedBy: 'Nginx Proxy Manager, ingress-nginx' },
  { name: 'x-forwarded-ssl', addedBy: 'nginx and Apache by examples of Gunicorn and GitLab' },
  { name: 'x-forwarded-prefix', addedBy: 'Traefik, Spring Cloud Gateway' },
  { name: 'x-scheme', addedBy: 'ingress-nginx' },
  { name: 'x-real-ip', addedBy: 'nginx by its usual examples, Traefik', namesClient: true },
  { name: 'via', addedBy: 'any proxy, RFC 9110, section 7.6.3' },
  { name: 'x-client-ip', addedBy: 'Azure, older Apache modules' },
  { name: 'x-cluster-client-ip', addedBy: 'Rackspace, Zeus' },
  { name: 'x-original-host', addedBy: 'Azure Application Gateway' },
  { name: 'x-envoy-external-address', addedBy: 'Envoy, Istio' },
  { name: 'x-amzn-trace-id', addedBy: 'load balancers of AWS' },
  { name: 'cdn-loop', addedBy: 'any CDN, RFC 8586' },
  { name: 'cf-connecting-ip', addedBy: 'Cloudflare' },
  { name: 'cf-ray', addedBy: 'Cloudflare' },
  { name: 'true-client-ip', addedBy: 'Akamai, Cloudflare' },
  { name: 'fastly-client-ip', addedBy: 'Fastly' },
  { name: 'x-amz-cf-id', addedBy: 'CloudFront' },
  { name: 'x-azure-ref', addedBy: 'Azure Front Door' },
  { name: 'x-appengine-user-ip', addedBy: 'Google App Engine' },
  { name: 'fly-client-ip', addedBy: 'Fly.io' },
  { name: 'do-connecting-ip', addedBy: 'DigitalOcean' },
  { name: 'x-vercel-forwarded-for', addedBy: 'Vercel' },
];
