import { expect, it } from 'vitest';
import type { OperatorDecision } from '../../src/domain/operator-decision.ts';
import type { RequestKey } from '../../src/domain/request-key.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  eventRow,
  holdKeyRow,
  kindOfError,
  loaded,
  longAgoMs,
  operatorDecisionRow,
  refundRow,
  write,
} from '../support/store-rows.ts';

const largest = Number.MAX_SAFE_INTEGER;

describeEach(databases)('decisions of operators on $name', (database) => {
  const db = emptyDatabase(database);

  const page = (over: object = {}) => ({ limit: 10, cursor: null, ...over });
  const resolution = (over: Partial<OperatorDecision> = {}) =>
    operatorDecisionRow({ id: 901, eventKey: 'evt_1', orderId: null, ...over });

  it('come back as they were written, by their ids and by the keys of their events', async () => {
    const decisions = [
      operatorDecisionRow({
        id: largest,
        reason: 'größter Grund 📦'.padEnd(200, '因'),
        restocked: 1_000_000,
      }),
      resolution({
        choice: 'nothing_due',
        paymentName: `ref:${'r'.repeat(255)}`,
        eventKey: 'k'.repeat(255),
        holdId: null,
        productId: null,
        amountMinor: null,
        currency: null,
      }),
      resolution({ id: 902, amountMinor: largest }),
      operatorDecisionRow({ id: 903, choice: 'pay' }),
    ];
    await write(db.store, { operatorDecisions: decisions });
    const byId = await loaded(db.store, { operatorDecisionIds: decisions.map(({ id }) => id) });
    expect(new Set(byId.operatorDecisions.values())).toEqual(new Set(decisions));
    const byEvent = await loaded(db.store, { resolvedEvents: ['evt_1', 'evt_none'] });
    expect([...byEvent.operatorDecisions.values()]).toEqual([decisions[2]]);
  });

  it('are one for each event, and any number for orders', async () => {
    await write(db.store, { operatorDecisions: [resolution(), operatorDecisionRow()] });
    await write(db.store, { operatorDecisions: [operatorDecisionRow({ id: 903 })] });
    expect(await kindOfError(write(db.store, { operatorDecisions: [resolution({ id: 904 })] }))).toBe(
      'conflict',
    );
  });

  it('are listed newest first, by order and by event, page after page', async () => {
    const decisions = [3, 1, 2].map((id) => operatorDecisionRow({ id, createdAtMs: longAgoMs + id }));
    await write(db.store, {
      operatorDecisions: [...decisions, resolution({ id: 4, createdAtMs: longAgoMs + 2 })],
    });
    const ids = async (filter: object, over: object = {}) =>
      (await db.store.operatorDecisions(filter, page(over))).items.map(({ id }) => id);
    expect(await ids({})).toEqual([3, 4, 2, 1]);
    expect(await ids({ orderId: 501 })).toEqual([3, 2, 1]);
    expect(await ids({ eventKey: 'evt_1' })).toEqual([4]);
    const { nextCursor } = await db.store.operatorDecisions({}, page({ limit: 2 }));
    expect(await ids({}, { cursor: nextCursor })).toEqual([2, 1]);
  });

  it('are shown with the events that they resolve', async () => {
    const decision = resolution();
    await write(db.store, {
      events: [eventRow({ key: 'evt_1' }), eventRow({ key: 'evt_2' })],
      operatorDecisions: [decision],
    });
    const { items } = await db.store.paymentEvents({}, page());
    expect(items.map(({ key, resolution: shown }) => [key, shown])).toEqual([
      ['evt_2', undefined],
      ['evt_1', decision],
    ]);
  });

  it('are about all events that may report a payment for the second time', async () => {
    const flagged = { result: 'possible_second_payment', reference: 'pi_1' } as const;
    await write(db.store, {
      events: [
        eventRow({ key: 'evt_1', ...flagged }),
        eventRow({ key: 'evt_2', ...flagged }),
        eventRow({ key: 'evt_3', reference: 'pi_1', result: 'processed' }),
        eventRow({ key: 'evt_4', ...flagged, reference: 'pi_2' }),
      ],
    });
    const { events } = await loaded(db.store, { flaggedReferences: ['pi_1'] });
    expect([...events.keys()].sort()).toEqual(['evt_1', 'evt_2']);
  });

  it('leave keys of their own, with the answer and the request that stored it', async () => {
    const key: RequestKey = {
      scope: 'admin/settle',
      key: 'same',
      fingerprint: 'f'.repeat(64),
      answer: { kind: 'refund_settled', refund: refundRow() },
      createdAtMs: longAgoMs,
      receiptId: largest,
    };
    await write(db.store, { requestKeys: [key, holdKeyRow('same')] });
    const { requestKeys } = await loaded(db.store, { requestKeys: ['admin/settle:same', 'admin/pay:same'] });
    expect([...requestKeys]).toEqual([['admin/settle:same', key]]);
  });
});
