import { fileVariableOf, type Option, option } from './option.ts';
import {
  choice,
  host,
  integer,
  list,
  network,
  optionalPath,
  origin,
  ratio,
  safeOrigin,
  text,
  truth,
  webAddress,
} from './parsers.ts';
import {
  longAdminToken,
  longStripeSecrets,
  longWebhookSecrets,
  stripeSecrets,
  token,
  webhookSecrets,
} from './secret-parsers.ts';

/** SQLite reads `file:sale.db` as a URI and opens `sale.db`. Modes, backups and restores would then mean a file that is not the database. */
const databaseUrl = text(
  'sqlite:<path>, sqlite::memory:, mysql://…, mariadb://… or postgres://…',
  'url',
  /^(sqlite:(?!(?:\/\/)?file:)\S.*|(mysql|mariadb|postgres|postgresql):\/\/\S+)$/,
);

const dayInSeconds = 86_400;

/** By the names that OpenTelemetry gives them. */
const tracesSamplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
type TracesSampler = (typeof tracesSamplers)[number];

/**
 * Every option there is. Environment variables, flags, `--help`, `docs/configuration.md`, `.env.example` and
 * the type `Config` are made from this table, so a new row is all that a new option needs.
 */
export const options = [
  option({
    env: 'HOST',
    parser: host,
    default: '127.0.0.1',
    description: 'Address to listen on; with an address that is not loopback, payment events must be signed.',
  }),
  option({
    env: 'PORT',
    parser: integer(0, 65_535),
    default: 8000,
    description: 'Port to listen on; 0 takes any free one.',
  }),
  option({
    env: 'DATABASE_URL',
    parser: databaseUrl,
    default: 'sqlite:data/flash-sale.db',
    description:
      'The database: a file that is made if missing, memory for a trial, or servers: docs/databases.md.',
    secret: true,
    flagWithoutPassword: true,
  }),
  option({
    env: 'PAGES',
    parser: truth,
    default: true,
    description: 'Whether the storefront at `/` and the console at `/console` are served.',
  }),
  option({
    env: 'DOCS',
    parser: truth,
    default: true,
    description: 'Whether the API description is served: `/api/docs` and `/api/openapi.json`.',
  }),
  option({
    env: 'REDIS_URL',
    parser: text('a URL that begins with redis:// or rediss://', 'url', /^rediss?:\/\/\S+$/),
    default: null,
    description: 'Redis or Valkey through which nodes share product snapshots and rate limits.',
    secret: true,
    flagWithoutPassword: true,
  }),
  option({
    env: 'PROCESSES',
    parser: integer(1, 128),
    default: 1,
    description:
      'How many processes of this machine `serve` runs on the port, each with database connections of its own.',
  }),
  option({
    env: 'WORKER',
    parser: truth,
    default: true,
    description: 'Whether `serve` runs the worker too, in one of its processes; with false it serves only.',
  }),
  option({
    env: 'WORKER_PORT',
    parser: integer(0, 65_535),
    default: null,
    description: 'Port for the health and the metrics of a lone `worker`; without it there are none.',
  }),
  option({
    env: 'HOLD_SECONDS',
    parser: integer(1, dayInSeconds),
    default: 120,
    description: 'How long a hold keeps its units while no order has been made of it.',
  }),
  option({
    env: 'PAYMENT_SECONDS',
    parser: integer(1, 30 * dayInSeconds),
    default: 600,
    description: 'How long an order waits for its payment, from its creation.',
  }),
  option({
    env: 'PARKED_SECONDS',
    parser: integer(1, 30 * dayInSeconds),
    default: dayInSeconds,
    description: 'How long a payment event for an unknown order waits before an operator is told.',
  }),
  option({
    env: 'PARKED_MAX',
    parser: integer(0, 10_000_000),
    default: 100_000,
    description: 'How many payment events for unknown orders may wait; beyond it they are answered 503.',
  }),
  option({
    env: 'CACHE_TTL_MS',
    parser: integer(0, 60_000),
    default: 5000,
    description: 'How old a product snapshot may get, in milliseconds; 0 reads the database each time.',
  }),
  option({
    env: 'WEBHOOK_SECRETS',
    parser: webhookSecrets,
    productionParser: longWebhookSecrets,
    default: [],
    description: 'Secrets that sign payment events (Standard Webhooks); several while one is being replaced.',
    secret: true,
  }),
  option({
    env: 'STRIPE_WEBHOOK_SECRETS',
    parser: stripeSecrets,
    productionParser: longStripeSecrets,
    default: [],
    description: 'Secrets that sign the events of Stripe; several while one is being replaced.',
    secret: true,
  }),
  option({
    env: 'STRIPE_API_KEY',
    parser: token,
    default: null,
    description:
      'Key of Stripe: an order gets a payment there, refunds are sent, and its mode decides which events count.',
    secret: true,
  }),
  option({
    env: 'STRIPE_API_URL',
    parser: safeOrigin,
    default: 'https://api.stripe.com',
    description: 'Where the API of Stripe is; for tests against a server that speaks it.',
  }),
  option({
    env: 'SIMULATED_PAYMENTS',
    parser: truth,
    default: null,
    description:
      'Whether payments are simulated; the default depends on HOST and on the settings of a real sale.',
  }),
  option({
    env: 'EVENT_WEBHOOK_URLS',
    parser: list(webAddress),
    default: [],
    description:
      'Endpoints that are told of orders, refunds and sold-out products; the same in every process.',
    secret: true,
  }),
  option({
    env: 'EVENT_WEBHOOK_SECRETS',
    parser: webhookSecrets,
    productionParser: longWebhookSecrets,
    default: [],
    description: 'Secrets that sign events for these endpoints; several while one is being replaced.',
    secret: true,
  }),
  option({
    env: 'EVENT_WEBHOOK_ALLOW_PRIVATE',
    parser: truth,
    default: false,
    description: 'Whether these endpoints may be in a private network or on this machine.',
  }),
  option({
    env: 'ADMIN_TOKEN',
    parser: token,
    productionParser: longAdminToken,
    default: null,
    description: 'Bearer token of the admin API, which is closed without one.',
    secret: true,
  }),
  option({
    env: 'CORS_ORIGINS',
    parser: list(origin),
    default: [],
    description: 'Origins whose pages may call the API from a browser, except the admin API.',
  }),
  option({
    env: 'ADMIN_CORS_ORIGINS',
    parser: list(origin),
    default: [],
    description: 'Origins whose pages may call the admin API from a browser; the console needs none.',
  }),
  option({
    env: 'TRUST_PROXY',
    parser: list(network),
    default: [],
    description: 'Proxies whose forwarded client address counts as the address of the client.',
  }),
  option({
    env: 'LOCAL_HOSTS',
    parser: list(host),
    default: [],
    description:
      'Host names that count as this machine on unsigned routes, such as the name of a development container.',
  }),
  option({
    env: 'LIVE_VIEWERS_MAX',
    parser: integer(0, 1_000_000),
    default: 10_000,
    description:
      'Live streams of products that each process keeps open, and as many of the console; 0: none.',
  }),
  option({
    env: 'LIVE_VIEWERS_PER_ADDRESS_MAX',
    parser: integer(0, 1_000_000),
    default: 0,
    productionDefault: 100,
    description:
      'How many of these streams of each kind one address (IPv6: one /64) may have in a process; 0: no bound.',
  }),
  option({
    env: 'RATE_LIMIT_HOLDS',
    parser: integer(0, 1_000_000),
    default: 0,
    productionDefault: 20,
    description:
      'Holds a second for one address (IPv6: one /64), of each process unless REDIS_URL is set; 0: no limit.',
  }),
  option({
    env: 'RATE_LIMIT_UNKNOWN_IDS',
    parser: integer(0, 1_000_000),
    default: 0,
    productionDefault: 60,
    description:
      'Unknown hold and order ids a minute for one address, counted like RATE_LIMIT_HOLDS; 0: no limit.',
  }),
  option({
    env: 'QUEUE_MAX',
    parser: integer(1, 1_000_000),
    default: 10_000,
    description: 'Holds that may wait; beyond it they are answered 503. Other commands have the same bound.',
  }),
  option({
    env: 'BATCH_MAX',
    parser: integer(1, 10_000),
    default: 500,
    description: 'Commands that one transaction takes at most.',
  }),
  option({
    env: 'REQUEST_TIMEOUT_MS',
    parser: integer(1, 600_000),
    default: 5000,
    description: 'Milliseconds after which a command that has not begun is answered 503 and never runs.',
  }),
  option({
    env: 'RETENTION_DAYS',
    parser: integer(1, 36_500),
    default: 30,
    description: 'Days after which holds without an order, and orders that ended without money, are deleted.',
  }),
  option({
    env: 'LOG_LEVEL',
    parser: choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    description:
      'The least important level that is logged: trace, debug, info, warn, error, fatal or silent.',
  }),
  option({
    env: 'LOG_FILE',
    parser: optionalPath,
    default: 'storage/logs/flash-sale.log',
    description: 'File that log lines go to besides stdout; set to nothing: stdout only.',
    emptyIsValue: true,
  }),
  option({
    env: 'DB_LOG_QUERIES',
    parser: truth,
    default: false,
    description: 'Whether every database query is logged.',
  }),
  option({
    env: 'SLOW_QUERY_MS',
    parser: integer(0, 600_000),
    default: 100,
    description: 'Milliseconds from which a query is logged as slow.',
  }),
  option({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    parser: webAddress,
    default: null,
    description:
      'Collector that traces are sent to, OTLP over HTTP: `http://127.0.0.1:4318`; without it there are none.',
    secret: true,
    flagWithoutPassword: true,
  }),
  option({
    env: 'OTEL_SERVICE_NAME',
    parser: text('a name of up to 100 characters', 'name', /^.{1,100}$/),
    default: 'flash-sale-checkout',
    description: 'Name of the service in traces.',
  }),
  option<'OTEL_TRACES_SAMPLER', TracesSampler>({
    env: 'OTEL_TRACES_SAMPLER',
    parser: choice(...tracesSamplers),
    default: 'parentbased_always_on',
    description: 'Which requests are traced; in a sale a ratio of them will do.',
  }),
  option({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    parser: ratio,
    default: 1,
    description: 'The ratio of such a sampler, from 0 to 1.',
  }),
  option({
    env: 'MIGRATE',
    parser: truth,
    default: true,
    description: 'Whether `serve` and `worker` bring the database schema up to date when they start.',
  }),
  option({
    env: 'SEED',
    parser: truth,
    default: true,
    description: 'Whether `serve` puts ten demo products into an empty database; never in production.',
  }),
  option({
    env: 'NODE_ENV',
    parser: text('a word such as development or production', 'name', /^[\w-]+$/),
    default: 'development',
    description:
      '`production` turns on the limits for each address, and refuses demo data and unsigned events.',
  }),
] as const;

type Row = (typeof options)[number];

export type EnvName = Row['env'];

/** `HOLD_SECONDS` → `holdSeconds` */
type CamelCase<Env extends string> = Env extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Env>;

/** Every option with its value, frozen. Times are in the unit of their name; `null` or `[]` means none. */
export type Config = { readonly [Each in Row as CamelCase<Each['env']>]: Each['default'] };

/** Every variable that sets an option. */
export const variableNames: readonly string[] = options.flatMap((row: Option) =>
  row.secret === true ? [row.env, fileVariableOf(row.env)] : [row.env],
);
