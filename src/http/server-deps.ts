import type { IncomingHttpHeaders } from 'node:http';
import type { SnapshotCache } from '../cache/snapshot-cache.ts';
import type { Config } from '../config/options.ts';
import type { CommandSink } from '../engine/answer.ts';
import type { Live } from '../live/live.ts';
import type { OrderPayments } from '../payments/order-payments.ts';
import type { IntentState } from '../payments/payment-provider.ts';
import type { Purchase } from '../payments/simulated/purchase.ts';
import type { SimulatedAction } from '../payments/simulated/simulated-provider.ts';
import type { StripeEvents } from '../payments/stripe/stripe-events.ts';
import type { Outbox, OutboxReader } from '../store/outbox.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { HttpCounts } from '../telemetry/metrics/http-counts.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import type { SharedWindowCounts } from './plugins/window-counts.ts';

/** What the server reads of the configuration. */
export type ServerConfig = Pick<
  Config,
  | 'adminToken'
  | 'adminCorsOrigins'
  | 'docs'
  | 'corsOrigins'
  | 'trustProxy'
  | 'localHosts'
  | 'rateLimitHolds'
  | 'rateLimitUnknownIds'
  | 'queueMax'
  | 'requestTimeoutMs'
  | 'liveViewersMax'
  | 'liveViewersPerAddressMax'
>;

/** The part of a pino logger that the server uses. */
export type ServerLog = {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
};

/** What a connection may take, in ms. */
export type ConnectionTimeouts = {
  /** For the headers of a request. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** How often connections are checked for these limits. */
  readonly checkMs: number;
};

/** Whether a body, exactly as it came, was signed by who may send it. */
export type VerifySignature = (rawBody: string, headers: IncomingHttpHeaders) => boolean;

/** What stands behind the page and the endpoint of simulated payments. */
export type SimulatedPayments = {
  /** Whether an event comes from the simulated provider. */
  readonly verify: VerifySignature;
  /** What a client secret pays for, or null when it is none. */
  readonly purchaseOf: (clientSecret: string) => Promise<Purchase | null>;
  readonly act: (purchase: Purchase, action: SimulatedAction, delayMs?: number) => IntentState;
};

export type ServerDeps = {
  readonly config: ServerConfig;
  readonly log: ServerLog;
  readonly engine: CommandSink;
  readonly reader: StoreReader & OutboxReader;
  /** What an operator may do about events for others. It concerns no product, so it is no command. */
  readonly outbox: Pick<Outbox, 'once'>;
  /** The endpoints of the configuration, by their ids. */
  readonly eventEndpoints: readonly string[];
  readonly snapshots: Pick<SnapshotCache, 'get'>;
  /** What is told while the sale goes on. */
  readonly live: Live;
  /**
   * Whether the database was reached with the right schema. Until then every request of the API is refused.
   */
  readonly isUp: () => boolean;
  /** How payment events prove where they come from; `closed` where they cannot. */
  readonly paymentEvents: VerifySignature | 'unsigned' | 'closed';
  /** How Stripe's events are checked and read. Without it their endpoint is closed. */
  readonly stripeEvents?: StripeEvents | undefined;
  /** What buyers pay with. Without it every order has `payment: null`. */
  readonly orderPayments?: Pick<OrderPayments, 'forOrder'> | undefined;
  /** Only where payments are simulated. */
  readonly simulatedPayments?: SimulatedPayments | undefined;
  /** The folder of the built pages, where they are served. */
  readonly pages?: string | undefined;
  /** Counts for the rate limit over all nodes. Without it each process counts by itself. */
  readonly sharedCounts?: SharedWindowCounts | undefined;
  /** Whether load balancers should send requests here, and if not, why. */
  readonly readiness: () => { readonly ready: boolean; readonly reason?: string };
  /** What `/metrics` is answered. Without it there is no such page. */
  readonly metricsText?: (() => Promise<string>) | undefined;
  /** Without it there are no traces. */
  readonly tracing?: Tracing | undefined;
  /** Where answers are counted. Without it they are not. */
  readonly counts?: HttpCounts | undefined;
  /** A new id for a hold, an order or a change of stock: 53 random bits, positive. */
  readonly newId: () => number;
  /** Other limits for slow clients than the usual ones. */
  readonly timeouts?: ConnectionTimeouts;
};
