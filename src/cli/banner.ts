import type { Config } from '../config/options.ts';
import { paymentsAreSimulated } from '../config/simulated-payments.ts';
import { unsignedEventsAllowed } from '../config/unsigned-events.ts';

/** What the operator reads when the server is ready, in lines of plain text. */
export function banner(
  config: Pick<
    Config,
    | 'databaseUrl'
    | 'redisUrl'
    | 'logFile'
    | 'webhookSecrets'
    | 'stripeWebhookSecrets'
    | 'stripeApiKey'
    | 'simulatedPayments'
    | 'trustProxy'
    | 'host'
    | 'nodeEnv'
    | 'processes'
    | 'docs'
    | 'pages'
    | 'adminToken'
    | 'rateLimitHolds'
  >,
  url: string,
): string {
  const json = `-H 'Content-Type: application/json'`;
  const lines = [
    `Flash-sale checkout is ready at ${url}`,
    ...(config.processes > 1 ? [`Processes: ${config.processes}`] : []),
    `Database: ${withoutCredentials(config.databaseUrl)}`,
    ...(config.pages ? [`Storefront: ${url}/`, `Console: ${url}/console${consoleNote(config)}`] : []),
    ...(config.docs ? [`API docs: ${url}/api/docs`] : []),
    `Log: ${config.logFile === null ? 'stdout' : `stdout and ${config.logFile}`}`,
    ...(unsignedEventsAllowed(config)
      ? [
          'Payment events are taken unsigned, which is for this machine only: set WEBHOOK_SECRETS before a sale',
        ]
      : []),
    ...(config.processes > 1 && config.rateLimitHolds > 0 && config.redisUrl === null
      ? [
          `Each process counts holds for RATE_LIMIT_HOLDS by itself, so ${config.processes} times as many may pass: set REDIS_URL to count them together`,
        ]
      : []),
    ...(paymentsAreSimulated(config)
      ? [`Payments are simulated, no money moves: ${url}/simulated-payments/<client_secret>`]
      : []),
    'Try:',
    `  curl ${url}/api/v1/products/1`,
    `  curl -X POST ${url}/api/v1/holds ${json} -d '{"product_id": 1, "qty": 2}'`,
    `  curl -X POST ${url}/api/v1/orders ${json} -d '{"hold_id": <hold_id>}'`,
  ];
  return `${lines.join('\n')}\n`;
}

function consoleNote({ adminToken }: Pick<Config, 'adminToken'>): string {
  return adminToken === null ? ' (closed: set ADMIN_TOKEN to open it)' : '';
}

/**
 * A database URL that may be shown: without user, password and parameters, except the path of a socket. All up to
 * the last `@` goes, so that no part of a password with an `@` or a `/` in it stays.
 */
export function withoutCredentials(databaseUrl: string): string {
  if (databaseUrl.startsWith('sqlite:')) {
    return databaseUrl;
  }
  const [shown = '', parameters = ''] = databaseUrl.replace(/^(\w+:\/\/).*@/, '$1').split('?', 2);
  // These are the options that `openStore` takes for sockets; anything else behind the ? is left out.
  const socket = parameters.split('&').find((parameter) => /^(socketPath|host)=(\/|%2F)/i.test(parameter));
  return (socket === undefined ? shown : `${shown}?${socket}`).replaceAll(/%2F/gi, '/');
}
