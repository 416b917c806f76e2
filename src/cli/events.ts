import Table from 'cli-table3';
import { eventEndpointsOf } from '../config/event-endpoints.ts';
import type { Config } from '../config/options.ts';
import type { DeliveryStatus } from '../domain/outgoing-event.ts';
import { allEndpoints, eventBodyText, presentDelivery, presentEndpoint } from '../http/event-presenters.ts';
import { openStore } from '../store/open-store.ts';
import type { DeliveryOfEvent, EndpointState } from '../store/outbox.ts';
import type { Store } from '../store/store.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { CommandError } from './failure.ts';
import { assertDatabaseExists, assertSchemaIsCurrent } from './schema-check.ts';

/** What these commands take besides options of the configuration. */
export type EventFlags = Flags & {
  readonly status?: DeliveryStatus;
  readonly endpoint?: string;
  readonly limit?: string;
  readonly deadOf?: string;
};

const idPattern = /^(?:evt_)?([1-9]\d{0,15})$/;

/** Prints deliveries, newest first. */
export async function listDeliveries(flags: EventFlags): Promise<void> {
  await withStore(flags, async (store) => {
    const filter = { status: flags.status, endpoint: flags.endpoint };
    const page = { limit: Number(flags.limit), cursor: null };
    const { items, nextCursor } = await store.deliveries(filter, page);
    print(deliveryTable(items));
    print(nextCursor === null ? `${items.length} deliveries.` : `The newest ${items.length} deliveries.`);
  });
}

/** Prints the body that the receivers get, and how far the deliveries are. */
export async function showEvent(flags: Flags, event: string): Promise<void> {
  await withStore(flags, async (store) => {
    const found = await store.outgoingEvent(eventIdOf(event));
    if (found === null) {
      throw new CommandError(`There is no event ${event}: see bin/flash-sale events list`);
    }
    print(JSON.stringify(JSON.parse(eventBodyText(found.event)), null, 2));
    print(deliveryTable(found.deliveries.map((delivery) => ({ delivery, event: found.event }))));
  });
}

/** Makes deliveries due once more. */
export async function resendEvents(flags: EventFlags, events: readonly string[]): Promise<void> {
  const { deadOf } = flags;
  if ((deadOf === undefined) === (events.length === 0)) {
    throw new CommandError('Name events, or an endpoint with --dead-of');
  }
  const which = deadOf === undefined ? { eventIds: events.map(eventIdOf) } : { deadOf };
  await withStore(flags, async (store) => {
    const resent = await store.resend(which);
    if (resent === 0 && deadOf === undefined) {
      throw new CommandError(`There is no event ${events.join(', ')}: see bin/flash-sale events list`);
    }
    print(`${resent} deliveries are on their way again`);
  });
}

/** Prints the endpoints of the configuration and all others that something is known of. */
export async function listEndpoints(flags: Flags): Promise<void> {
  await withStore(flags, async (store, config) => {
    const configured = endpointIdsOf(config);
    const table = newTable(['endpoint', 'configured', 'pending', 'dead', 'switched off', 'reason']);
    for (const state of await endpointsOf(store, configured)) {
      const shown = presentEndpoint(state, configured);
      table.push([
        shown.endpoint,
        shown.configured ? 'yes' : 'no',
        shown.pending,
        shown.dead,
        shown.switched_off_at ?? '',
        shown.reason ?? '',
      ]);
    }
    print(table.toString());
  });
}

/** Has events sent to an endpoint again. */
export async function switchEndpointOn(flags: Flags, endpoint: string): Promise<void> {
  await withStore(flags, async (store, config) => {
    const states = await endpointsOf(store, endpointIdsOf(config));
    const state = states.find((each) => each.endpoint === endpoint);
    if (state === undefined) {
      throw new CommandError(`There is no endpoint ${endpoint}: see bin/flash-sale events endpoints`);
    }
    await store.switchEndpoint(endpoint, 'on', null);
    print(`${endpoint} is on; ${state.pending} deliveries wait for it`);
  });
}

async function withStore(flags: Flags, work: (store: Store, config: Config) => Promise<void>): Promise<void> {
  const config = configFrom(flags);
  assertDatabaseExists(config.databaseUrl);
  const store = openStore(config.databaseUrl);
  try {
    await assertSchemaIsCurrent(store);
    await work(store, config);
  } finally {
    await store.close();
  }
}

function eventIdOf(text: string): number {
  const id = Number(idPattern.exec(text)?.[1]);
  if (!Number.isSafeInteger(id)) {
    throw new CommandError(`Expected the id of an event such as 77 or evt_77, got "${text}"`);
  }
  return id;
}

function endpointIdsOf(config: Config): readonly string[] {
  return eventEndpointsOf(config).map(({ id }) => id);
}

async function endpointsOf(store: Store, configured: readonly string[]): Promise<readonly EndpointState[]> {
  return allEndpoints(await store.endpoints(), configured);
}

function deliveryTable(deliveries: readonly DeliveryOfEvent[]): string {
  const table = newTable([
    'event',
    'type',
    'order',
    'endpoint',
    'status',
    'attempts',
    'next attempt',
    'last error',
  ]);
  for (const delivery of deliveries) {
    const shown = presentDelivery(delivery);
    table.push([
      shown.event_id,
      shown.type,
      shown.order_id ?? '',
      shown.endpoint,
      shown.status,
      shown.attempts,
      shown.next_attempt_at ?? '',
      shown.last_error ?? '',
    ]);
  }
  return table.toString();
}

/** No colours: tables are also read from files and by other programs. */
function newTable(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [] } });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
