import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import { newId } from '../../src/engine/new-id.ts';
import { type Checkout, startCheckout } from '../support/checkout.ts';
import type { Reply } from '../support/checkout-client.ts';
import { type CrashPoint, crashPoints } from '../support/crash-at.ts';
import { type OpenDatabase, sharedDatabases } from '../support/databases.ts';

/** A process dies between the reads of a transaction and its answer. Key and effect are one: both are there, or neither is. */
describe.each(sharedDatabases)('a crash on $name', (kind) => {
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

  const ids = { holdId: newId(), orderId: newId() };

  async function crash(point: CrashPoint, command: Command): Promise<string> {
    const script = resolve('test/support/crash-at.ts');
    const child = spawn(process.execPath, [script, database.url, point, JSON.stringify(command)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<string | null>((done) => child.on('exit', (_code, signal) => done(signal)));
    return (await text(child.stdout)) || String(await ended);
  }

  /** What the process was doing when it died, the same request over HTTP, and how its effect shows. */
  async function subjects(productId: number): Promise<readonly Subject[]> {
    const { body: hold } = await checkout.hold(productId);
    const order = await checkout.ordered(productId);
    const [holdKey, orderKey, eventKey] = [randomUUID(), randomUUID(), randomUUID()];
    const shelf = async () => {
      const { body } = await checkout.product(productId);
      return `${body.stock} of them ${body.held_stock} held`;
    };
    return [
      {
        command: { kind: 'create_hold', holdId: newId(), productId, quantity: 2, idempotencyKey: holdKey },
        send: () => checkout.hold(productId, 2, { 'idempotency-key': holdKey }),
        show: shelf,
      },
      {
        command: { kind: 'create_order', orderId: newId(), holdId: hold.hold_id, idempotencyKey: orderKey },
        send: () => checkout.order(hold.hold_id, { 'idempotency-key': orderKey }),
        show: async () => (await checkout.get(`/api/v1/holds/${hold.hold_id}`)).body.status,
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
        show: shelf,
      },
    ];
  }

  test.each(crashPoints)(
    '%s leaves key and effect together, and the same request again has one effect',
    async (point) => {
      // No snapshot of the product in this process is older than what another process did: each case has its own product.
      const wasCommitted = point === 'between commit and answer';
      for (const index of [0, 1, 2]) {
        const productId = await checkout.createProduct();
        const subject = (await subjects(productId))[index];
        const before = await subject?.show();

        expect(await crash(point, subject?.command ?? neverSent)).toBe('SIGKILL');
        const first = await subject?.send();
        const after = await subject?.show();
        const again = await subject?.send();

        expect(first?.headers['idempotency-replayed']).toBe(wasCommitted ? 'true' : undefined);
        expect(first?.status).toBeLessThan(300);
        expect(after).not.toBe(before);
        expect(again?.text).toBe(first?.text);
        expect(await subject?.show()).toBe(after);
      }
    },
  );

  test('control: without a crash the process answers', async () => {
    const productId = await checkout.createProduct();
    const [subject] = await subjects(productId);
    expect(await crash('never', subject?.command ?? neverSent)).toBe('answered');
  });

  const neverSent: Command = { kind: 'release_hold', holdId: ids.holdId };
});

type Subject = {
  readonly command: Command;
  readonly send: () => Promise<Reply>;
  readonly show: () => Promise<string>;
};
