import { loadConfig } from '../src/config/config.ts';
import type { Command } from '../src/domain/commands.ts';
import type { Hold } from '../src/domain/hold.ts';
import { deadlineAfter } from '../src/domain/time.ts';
import type { Answer, CommandSink } from '../src/engine/answer.ts';
import { newId } from '../src/engine/new-id.ts';
import { createServer } from '../src/http/server.ts';
import { openStore } from '../src/store/open-store.ts';
import { logDomainEvent } from '../src/telemetry/domain-event-log.ts';
import { createLogger } from '../src/telemetry/logger.ts';

/**
 * The limit that holds are measured against: the same server with the same routes, schemas, plugins, answer
 * and log line, whose engine decides nothing and stores nothing.
 */
const config = loadConfig(process.env);
const { log } = createLogger(config, { stdout: process.stdout });

class NoOpEngine implements CommandSink {
  async submit<C extends Command>(command: C): Promise<Answer<C>> {
    if (command.kind !== 'create_hold') {
      return { outcome: { kind: 'failed', code: 'shutting_down' }, snapshot: null };
    }
    const nowMs = Date.now();
    const hold: Hold = {
      id: command.holdId,
      productId: command.productId,
      quantity: command.quantity,
      priceMinor: 100,
      status: 'held',
      releaseReason: null,
      parked: null,
      expiresAtMs: deadlineAfter(nowMs, config.holdSeconds),
      createdAtMs: nowMs,
    };
    logDomainEvent(log, { kind: 'hold_created', hold, availableStockRemaining: 1 });
    return {
      outcome: { kind: 'hold_created', hold, replayed: false } as Answer<C>['outcome'],
      snapshot: null,
    };
  }
}

const store = openStore('sqlite::memory:');
const server = createServer({
  config,
  log,
  engine: new NoOpEngine(),
  reader: store,
  snapshots: { get: async () => null },
  readiness: () => ({ ready: true }),
  isUp: () => true,
  paymentEvents: 'unsigned',
  outbox: store,
  eventEndpoints: [],
  newId,
});
process.stderr.write(`${await server.listen({ host: '127.0.0.1', port: config.port })}\n`);
process.once('SIGTERM', async () => {
  await server.close();
  process.exit(0);
});
