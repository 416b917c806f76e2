import { describe, expect, it } from 'vitest';
import { engineUnderTest, untilSo } from '../../test/support/engine-under-test.ts';
import { HandScheduler } from '../../test/support/hand-scheduler.ts';

describe('the time of the engine', () => {
  const shop = engineUnderTest();
  const overloaded = { kind: 'failed', code: 'overloaded' };
  const unavailable = { kind: 'failed', code: 'database_unavailable' };

  it.each([
    ['least', 0, [1, 2, 4, 8, 16, 32, 64, 100, 100]],
    ['most', 1, [2, 4, 8, 16, 32, 64, 128, 200, 200]],
  ])(
    'doubles the pause after each failure, up to 200 ms, of which chance leaves a half at %s',
    async (_case, random, pauses) => {
      const scheduler = new HandScheduler(random);
      const sale = shop.open({ scheduler });
      shop.faulty.plan(...pauses.map(() => ({ kind: 'retryable', at: 'before_commit' }) as const));
      await sale.hold(1);
      expect(scheduler.pauses).toEqual(pauses);
    },
  );

  it.each([
    ['until its time is up', 7, { kind: 'hold_created' }],
    ['and not a millisecond longer', 6, unavailable],
  ])('tries a command again %s', async (_case, requestTimeoutMs, outcome) => {
    const scheduler = new HandScheduler(0);
    const sale = shop.open({ scheduler, engine: { requestTimeoutMs } });
    const fault = { kind: 'retryable', at: 'before_commit' } as const;
    shop.faulty.plan(fault, fault, { ...fault, kind: 'conflict' });
    // Three pauses: of 1, 2 and 4 ms.
    expect(await sale.tryHold(1)).toMatchObject(outcome);
  });

  it('tells what it gave up because its time was up, and that this was no attempt', async () => {
    const scheduler = new HandScheduler(0);
    const sale = shop.open({ scheduler, engine: { requestTimeoutMs: 1 } });
    shop.faulty.plan({ kind: 'retryable', at: 'before_commit' }, { kind: 'conflict', at: 'before_commit' });
    expect(await Promise.all([sale.tryHold(1), sale.tryHold(1)])).toEqual([unavailable, unavailable]);
    const error = expect.objectContaining({ kind: 'conflict' });
    expect(sale.failed).toMatchObject([
      { commands: 2, willRetry: true, attempt: { commands: [{ quantity: 1 }, { quantity: 1 }] } },
      { error, commands: 2, willRetry: true, attempt: { times: { committedMs: Number.NaN } } },
      { error, commands: 2, willRetry: false, attempt: null },
    ]);
  });

  it('answers who has waited longer than the time of a request, while a batch is under way', async () => {
    const scheduler = new HandScheduler();
    const sale = shop.open({ scheduler, engine: { requestTimeoutMs: 50 } });
    const release = shop.faulty.block();
    const first = sale.tryHold(1);
    await untilSo(() => shop.faulty.transactions === 1);
    scheduler.pass(10);
    const answered: number[] = [];
    const [early, late] = [1, 2].map((quantity) => {
      const answer = sale.tryHold(1, quantity).then((outcome) => {
        answered.push(quantity);
        return outcome;
      });
      scheduler.pass(20);
      return answer;
    });
    // The first one is being decided; the watch that it began goes on for those that came 10 and 30 ms later.
    expect(sale.engine.queueDepth).toEqual({ holds: 2, others: 0 });
    expect(scheduler.calls.map(({ atMs }) => atMs)).toEqual([1_060]);
    scheduler.pass(10);
    scheduler.pass(1);
    expect(await early).toEqual(overloaded);
    expect(answered).toEqual([1]);
    scheduler.pass(20);
    expect(await late).toEqual(overloaded);
    expect(scheduler.calls).toEqual([]);
    release();
    expect(await first).toMatchObject({ kind: 'hold_created' });
    expect(shop.faulty.transactions).toBe(1);
  });
});
