import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import { newId } from '../../src/engine/new-id.ts';
import { parkedEventsRound } from '../../src/workers/parked-events-worker.ts';
import { type CommandPoint, commandPoints } from '../support/command-points.ts';
import { createMigrated, type OpenDatabase, serverDatabases, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import { type StoppingNode, startStoppingNode } from '../support/stopping-node.ts';

/**
 * One node makes an order of a hold while another one takes in a payment event that names the hold, or the
 * order before it is there. One of the two is stopped at each point of its way, and the other one runs as far
 * as it gets. All points are tried at once, each on a product of its own.
 */
describeEach(sharedDatabases)('an event and its order on two nodes of one $name', (kind) => {
  const isServer = serverDatabases.includes(kind);

  let common: OpenDatabase | null = null;
  let running: StoppingNode;
  beforeAll(async () => {
    common = isServer ? await createMigrated(kind) : null;
    running = await startStoppingNode();
  });
  afterAll(async () => {
    await running.kill();
    await common?.close();
  });

  async function meetings(
    names: readonly EventNames[] = ['the hold', 'the order'],
    points: readonly CommandPoint[] = commandPoints,
  ): Promise<readonly Meeting[]> {
    return Promise.all(
      // What is stopped in an embedded database keeps everybody out of it.
      points.flatMap((point) =>
        names.map(async (name) => meetingOn(common ?? (await databaseForMeeting()), point, name)),
      ),
    );
  }

  async function databaseForMeeting(): Promise<OpenDatabase> {
    const database = await createMigrated(kind);
    onTestFinished(() => database.close());
    return database;
  }

  /**
   * Stops one side of each meeting, lets the other one run until it has ended or has to wait, and compares
   * who waits with who should.
   */
  async function meet(
    all: readonly Meeting[],
    stopping: Side,
    { later = [], rechecks = true }: { later?: readonly CommandPoint[]; rechecks?: boolean } = {},
  ) {
    const stopped = await startStoppingNode();
    onTestFinished(() => stopped.kill());
    await Promise.all(
      all.flatMap(({ orderId, database: { url } }) => [
        stopped.open(orderId, url),
        running.open(orderId, url),
      ]),
    );
    // Each at once when its own stop is reached: a database server ends a transaction that stands for seconds.
    const waiting = await Promise.all(
      all.map(async ({ name, orderId, point, commands }) => {
        stopped.start(orderId, { command: commands[stopping], stops: [point, ...later], rechecks });
        await stopped.stopped(orderId, point);
        running.start(orderId, { command: commands[otherThan[stopping]], stops: [], rechecks });
        return (await running.firstOf(orderId)) === 'has to wait' ? [name] : [];
      }),
    );
    expect(waiting.flat()).toEqual(all.filter(keepsOut).map(({ name }) => name));
    return stopped;
  }

  /**
   * The stopped side has locked what the other one asks for: the product where both of them know it, or, from
   * the beginning of its transaction, the whole of an embedded database.
   */
  function keepsOut({ point, names }: Meeting): boolean {
    return isServer
      ? names === 'the hold' && isFrom('behind the lock', point) && !isCommitted(point)
      : isFrom('before the lock', point) && !isCommitted(point);
  }

  test.each(sides)('find each other whatever point the %s is stopped at', async (stopping) => {
    const all = await meetings();
    const stopped = await meet(all, stopping);

    letGo(stopped, all);

    expect(await outcomes(stopped, all)).toEqual(new Set([answers[stopping]]));
    expect(await outcomes(running, all)).toEqual(new Set([answers[otherThan[stopping]]]));
    await expectEndings(all, () => paid);
  });

  test('control: without a second look after the commit they miss each other', async () => {
    const all = await meetings(['the order']);
    const stopped = await meet(all, 'event', { rechecks: false });

    letGo(stopped, all);

    await Promise.all([outcomes(stopped, all), outcomes(running, all)]);
    const missed = (await endings(all))
      .filter(([, { events }]) => events.includes('parked'))
      .map(([name]) => name);
    expect(missed).toEqual(all.filter(({ point }) => point !== 'before the look-up').map(({ name }) => name));
  });

  test('an event whose node dies on its way is sent again, and its order is paid', async () => {
    const all = await meetings();
    const stopped = await meet(all, 'event');

    await stopped.kill();

    expect(await outcomes(running, all)).toEqual(new Set(['order_created']));
    // Its sender got no answer.
    await Promise.all(all.map(({ sale, commands: { event } }) => sale.engine.submit(event)));
    await workerRounds(all);
    await expectEndings(all, () => paid);
  });

  test('an order whose node dies on its way is paid when it was committed; else the money is not lost', async () => {
    const all = await meetings();
    const stopped = await meet(all, 'order');

    await stopped.kill();

    expect(await outcomes(running, all)).toEqual(new Set(['payment_event_answered']));
    // The buyer who got no answer does not come back.
    await Promise.all(all.map(({ sale, holdId }) => sale.engine.submit({ kind: 'release_hold', holdId })));
    await workerRounds(all);
    await aDayLater(all);
    await expectEndings(all, ({ point, names }) => {
      if (isCommitted(point)) {
        return paid;
      }
      // An order that was never committed might be another shop's: an operator is told.
      return names === 'the hold' ? refundDue : unmatched;
    });
  });

  test.each(sides)(
    'the worker finds what the %s left behind whose node died before it looked a second time',
    async (stopping) => {
      const all = await meetings(
        ['the order'],
        commandPoints.filter((point) => !isCommitted(point)),
      );
      const stopped = await meet(all, stopping, { later: ['between commit and answer'] });

      letGo(stopped, all);
      await Promise.all(all.map(({ orderId }) => stopped.stopped(orderId, 'between commit and answer')));
      await stopped.kill();

      await outcomes(running, all);
      const missed = (await endings(all)).filter(([, { events }]) => events.includes('parked'));
      expect(missed.map(([name]) => name)).toContain('the order, between look-up and transaction');
      await workerRounds(all);
      await expectEndings(all, () => paid);
    },
  );
});

const sides = ['order', 'event'] as const;
type Side = (typeof sides)[number];
const otherThan: Readonly<Record<Side, Side>> = { order: 'event', event: 'order' };
const answers = { order: 'order_created', event: 'payment_event_answered' } as const;

/** What the event knows of its order. */
type EventNames = 'the hold' | 'the order';

/** A hold that is ordered and paid at once, and the point where one of the two is stopped. */
type Meeting = {
  readonly name: string;
  readonly point: CommandPoint;
  readonly names: EventNames;
  readonly database: OpenDatabase;
  /** A third node. */
  readonly sale: Sale;
  readonly productId: number;
  readonly holdId: number;
  /** Known before it is there. */
  readonly orderId: number;
  readonly commands: Readonly<Record<Side, Command>>;
};

async function meetingOn(database: OpenDatabase, point: CommandPoint, names: EventNames): Promise<Meeting> {
  const sale = new Sale(database.store);
  const productId = await sale.product({ stock: 10 });
  const { id: holdId } = await sale.hold(productId, 2);
  const orderId = newId();
  return {
    name: `${names}, ${point}`,
    point,
    names,
    database,
    sale,
    productId,
    holdId,
    orderId,
    commands: {
      order: { kind: 'create_order', orderId, holdId, idempotencyKey: null },
      event: {
        kind: 'apply_payment_event',
        event: {
          key: `pays ${orderId}`,
          orderId: names === 'the order' ? orderId : null,
          holdId: names === 'the hold' ? holdId : null,
          status: 'paid',
          amountMinor: null,
          currency: null,
          reference: null,
        },
      },
    },
  };
}

function isFrom(first: CommandPoint, point: CommandPoint): boolean {
  return commandPoints.indexOf(point) >= commandPoints.indexOf(first);
}

function isCommitted(point: CommandPoint): boolean {
  return point === 'between commit and answer';
}

function letGo(node: StoppingNode, all: readonly Meeting[]): void {
  for (const { orderId } of all) {
    node.goOn(orderId);
  }
}

async function outcomes(node: StoppingNode, all: readonly Meeting[]): Promise<ReadonlySet<string>> {
  return new Set(await Promise.all(all.map(({ orderId }) => node.outcome(orderId))));
}

/** Expects these meetings to have ended so, and all books to be clean. */
async function expectEndings(all: readonly Meeting[], ending: (meeting: Meeting) => object): Promise<void> {
  expect(await endings(all)).toEqual(all.map((meeting) => [meeting.name, ending(meeting)]));
  for (const { store } of new Set(all.map(({ database }) => database))) {
    expect((await store.audit()).checks.filter(({ ok }) => !ok)).toEqual([]);
  }
}

/** One round of the worker's for each meeting. */
async function workerRounds(all: readonly Meeting[], parkedSeconds = 86_400): Promise<void> {
  for (const { database, sale } of all) {
    await parkedEventsRound(database.store, sale.engine, parkedSeconds)();
  }
}

/** As if the events had been waiting for longer than they may. */
const aDayLater = (all: readonly Meeting[]) => workerRounds(all, -60);

const paid = { events: ['processed'], orders: ['paid'], refunds: [], stock: 8, heldStock: 0 };
const refundDue = { events: ['refund_due'], orders: [], refunds: ['due'], stock: 10, heldStock: 0 };
const unmatched = { events: ['unmatched'], orders: [], refunds: [], stock: 10, heldStock: 0 };

/** By the meeting's name, what has become of event, order, money and units. */
function endings(all: readonly Meeting[]) {
  return Promise.all(
    all.map(async ({ name, names, database: { store }, productId, holdId, orderId }) => {
      const [events, orders, refunds, product] = await Promise.all([
        store.paymentEvents(names === 'the hold' ? { holdId } : { orderId }, firstPage),
        store.orders({ holdId }, firstPage),
        store.refunds({}, firstPage),
        store.product(productId),
      ]);
      return [
        name,
        {
          events: events.items.map(({ result }) => result),
          orders: orders.value.items.map(({ order }) => order.status),
          refunds: refunds.items.filter((row) => row.holdId === holdId).map(({ status }) => status),
          stock: product?.stock,
          heldStock: product?.heldStock,
        },
      ] as const;
    }),
  );
}

const firstPage = { limit: 100, cursor: null };
