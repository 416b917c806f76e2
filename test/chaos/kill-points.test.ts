import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import { newId } from '../../src/engine/new-id.ts';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import type { Reply } from '../support/checkout-client.ts';
import { compileCache } from '../support/compile-cache.ts';
import { type CrashPoint, crashPoints } from '../support/crash-at.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';

/**
 * A process dies between the reads of a transaction and its answer. Key and effect are one: both are there,
 * or neither is.
 */
describeEach(sharedDatabases)('a crash on $name', (kind) => {
  let database: OpenDatabase;
  let checkout: Checkout;
  beforeAll(async () => {
    database = await kind.create();
    checkout = await startCheckout({ database });
  });
  afterAll(async () => {
    expect(await checkout.auditDifferences()).toEqual([]);
    await checkout.stop();
    await database.close();
  });

  async function crash(point: CrashPoint, command: Command): Promise<string> {
    const script = resolve('test/support/crash-at.ts');
    const child = spawn(process.execPath, [script, database.url, point, JSON.stringify(command)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    const ended = new Promise<string | null>((done) => child.on('exit', (_code, signal) => done(signal)));
    return (await text(child.stdout)) || String(await ended);
  }

  /**
   * What the process was doing when it died, the same request over HTTP, and how its effect shows when it
   * took place once.
   */
  async function subjects(): Promise<readonly Subject[]> {
    const [held, ordered, paid] = await Promise.all([1, 2, 3].map(() => checkout.createProduct()));
    const productId = held ?? 0;
    const { body: hold } = await checkout.hold(ordered ?? 0);
    const order = await checkout.ordered(paid ?? 0);
    const [holdKey, orderKey, eventKey] = [randomUUID(), randomUUID(), randomUUID()];
    const shelf = async (id = 0) => {
      const { body } = await checkout.product(id);
      return `${body.held_stock} held of ${body.stock}`;
    };
    return [
      {
        command: { kind: 'create_hold', holdId: newId(), productId, quantity: 2, idempotencyKey: holdKey },
        send: () => checkout.hold(productId, 2, { 'idempotency-key': holdKey }),
        show: () => shelf(held),
        shownOnce: '2 held of 10',
      },
      {
        command: { kind: 'create_order', orderId: newId(), holdId: hold.hold_id, idempotencyKey: orderKey },
        send: () => checkout.order(hold.hold_id, { 'idempotency-key': orderKey }),
        show: async () => (await checkout.get(`/api/v1/holds/${hold.hold_id}`)).body.status,
        shownOnce: 'ordered',
      },
      {
        command: {
          kind: 'apply_payment_event',
          event: {
            key: eventKey,
            orderId: order.order_id,
            holdId: null,
            status: 'paid',
            amountMinor: null,
            currency: null,
            reference: null,
          },
        },
        send: () => checkout.pay({ idempotency_key: eventKey, order_id: order.order_id }),
        show: () => shelf(paid),
        shownOnce: '0 held of 9',
      },
    ];
  }

  test.each(crashPoints)(
    '%s leaves key and effect together, and the same request again has one effect',
    async (point) => {
      const wasCommitted = point === 'between commit and answer';
      const all = await subjects();

      expect(await Promise.all(all.map(({ command }) => crash(point, command)))).toEqual(
        Array(all.length).fill('SIGKILL'),
      );

      for (const { send, show, shownOnce } of all) {
        const first = await send();
        expect(first.status).toBeLessThan(300);
        expect(first.headers['idempotency-replayed']).toBe(wasCommitted ? 'true' : undefined);
        expect(await show()).toBe(shownOnce);
        expect((await send()).text).toBe(first.text);
        expect(await show()).toBe(shownOnce);
      }
    },
  );

  test('control: without a crash the process answers', async () => {
    const [subject] = await subjects();
    expect(subject && (await crash('never', subject.command))).toBe('answered');
  });
});

type Subject = {
  readonly command: Command;
  readonly send: () => Promise<Reply>;
  readonly show: () => Promise<string>;
  readonly shownOnce: string;
};
