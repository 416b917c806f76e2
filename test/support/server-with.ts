import { afterEach } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import type { Dispute } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Outcome } from '../../src/domain/outcomes.ts';
import type { ProductSnapshot } from '../../src/domain/product.ts';
import type { Refund } from '../../src/domain/refund.ts';
import { unsent } from '../../src/domain/refund.ts';
import type { Answer, CommandSink, Failure } from '../../src/engine/answer.ts';
import { type CheckoutServer, createServer } from '../../src/http/server.ts';
import type { ServerConfig, ServerDeps } from '../../src/http/server-deps.ts';
import { createLive } from '../../src/live/live.ts';
import type { OutboxReader } from '../../src/store/outbox.ts';
import type { StoreReader } from '../../src/store/store-reader.ts';
import { ProcessCounts } from '../../src/telemetry/metrics/process-counts.ts';

export const aProduct: ProductSnapshot = {
  asOfMs: Date.UTC(2026, 10, 27, 9),
  id: 1,
  name: 'Phone',
  priceMinor: 119_999,
  currency: 'USD',
  stock: 50,
  heldStock: 2,
  nextReleaseAtMs: Date.UTC(2026, 10, 27, 9, 2),
  opensAtMs: null,
  closesAtMs: null,
  version: 7,
};

export const aHold: Hold = {
  id: 4_738_201_964_413_057,
  productId: 1,
  quantity: 2,
  priceMinor: 119_999,
  status: 'held',
  releaseReason: null,
  parked: null,
  expiresAtMs: Date.UTC(2026, 10, 27, 9, 2),
  createdAtMs: Date.UTC(2026, 10, 27, 8, 59, 59, 321),
};

export const anOrder: Order = {
  id: 6_120_948_351_207_743,
  holdId: aHold.id,
  productId: 1,
  quantity: 2,
  totalMinor: 239_998,
  currency: 'USD',
  status: 'pending',
  paymentDueAtMs: Date.UTC(2026, 10, 27, 9, 11),
  createdAtMs: Date.UTC(2026, 10, 27, 9, 0, 59, 5),
};

export const aRefund: Refund = {
  id: 3_141_592_653_589,
  paymentName: 'ref:pi_1',
  orderId: anOrder.id,
  holdId: aHold.id,
  productId: 1,
  amountMinor: 239_998,
  owedMinor: 239_998,
  returnedMinor: 0,
  sentMinor: 0,
  currency: 'USD',
  status: 'due',
  reason: 'late_payment',
  createdAtMs: Date.UTC(2026, 10, 27, 9, 20),
  ...unsent,
};

export const aDispute: Dispute = {
  id: 'dp_1',
  paymentName: 'ref:pi_1',
  orderId: anOrder.id,
  holdId: aHold.id,
  productId: 1,
  amountMinor: 239_998,
  currency: 'USD',
  status: 'open',
  createdAtMs: Date.UTC(2026, 10, 27, 9, 20),
};

export const adminToken = 'let-me-in';
export const asAdmin = { authorization: `Bearer ${adminToken}` };

/** What stands behind the server: an outcome for each command, and the reads that a test is about. */
type Behind = {
  readonly decide?: (command: Command) => Outcome | Failure;
  readonly reader?: Partial<StoreReader & OutboxReader>;
  readonly config?: Partial<ServerConfig>;
  readonly deps?: Partial<ServerDeps>;
};

export type Served = {
  readonly app: CheckoutServer;
  /** What the engine was asked to do. */
  readonly commands: Command[];
  /** What was logged as an error. */
  readonly logged: LogLine[];
  /** What was logged as a warning. */
  readonly warned: LogLine[];
  /** What was logged as information. */
  readonly noted: LogLine[];
};

type LogLine = { readonly fields: Record<string, unknown>; readonly message: string };

/** What is told live, of a reader alone. */
export function liveOf(reader: StoreReader) {
  const counts = new ProcessCounts();
  return createLive({ reader, refreshMs: 5_000, totals: () => counts.saleTotals(), link: null });
}

const opened: CheckoutServer[] = [];

/** The real server in front of hand-made outcomes. Closed after the test. */
export function serverWith(behind: Behind = {}): Served {
  const commands: Command[] = [];
  const logged: Served['logged'] = [];
  const warned: Served['warned'] = [];
  const noted: Served['noted'] = [];
  const engine: CommandSink = {
    submit: async <C extends Command>(command: C) => {
      commands.push(command);
      const outcome = behind.decide?.(command) ?? { kind: 'failed', code: 'internal_error' };
      // A test's outcome belongs to its command, which the compiler cannot know.
      return { outcome } as Answer<C>;
    },
  };
  const reader = new Proxy(behind.reader ?? {}, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      (() => {
        throw new Error(`the test does not expect ${String(name)} to be read`);
      }),
  }) as StoreReader & OutboxReader;
  let lastId = 1000;
  const app = createServer({
    config: {
      adminToken,
      adminCorsOrigins: [],
      corsOrigins: [],
      docs: true,
      trustProxy: [],
      localHosts: [],
      rateLimitHolds: 0,
      rateLimitUnknownIds: 0,
      queueMax: 10_000,
      requestTimeoutMs: 5_000,
      liveViewersMax: 10,
      liveViewersPerAddressMax: 0,
      ...behind.config,
    },
    log: {
      error: (fields, message) => logged.push({ fields: { ...fields }, message }),
      warn: (fields, message) => warned.push({ fields: { ...fields }, message }),
      info: (fields, message) => noted.push({ fields: { ...fields }, message }),
    },
    engine,
    reader,
    snapshots: { get: async (id) => (id === aProduct.id ? aProduct : null) },
    live: liveOf(reader),
    isUp: () => true,
    paymentEvents: 'unsigned',
    outbox: { once: async () => ({ kind: 'refused' }) },
    eventEndpoints: [],
    readiness: () => ({ ready: true }),
    newId: () => {
      lastId += 1;
      return lastId;
    },
    ...behind.deps,
  });
  opened.push(app);
  return { app, commands, logged, warned, noted };
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()));
});
