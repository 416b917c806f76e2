import { describe, expect, it } from 'vitest';
import type { Command } from '../domain/commands.ts';
import type { Outcome } from '../domain/outcomes.ts';
import type { PaymentEvent } from '../domain/payment.ts';
import type { Answer, CommandSink, Failure } from '../engine/answer.ts';
import { expiryRound } from './expiry-worker.ts';
import { parkedEventsRound } from './parked-events-worker.ts';
import { retentionRound } from './retention-worker.ts';

/** Takes commands down and answers them as the test says; the rules themselves have their own tests. */
function sink(decide: (command: Command) => Outcome | Failure) {
  const commands: Command[] = [];
  const engine: CommandSink = {
    submit: async <C extends Command>(command: C) => {
      commands.push(command);
      return { outcome: decide(command) } as Answer<C>;
    },
  };
  return { commands, engine };
}

const nowMs = 1_000_000;

describe('a round of expiry', () => {
  const due = (...deadlines: readonly (readonly [number, number])[]) => ({
    deadlines: async () => ({
      value: deadlines.map(([productId, deadlineMs]) => ({ productId, deadlineMs })),
      nowMs,
    }),
  });
  const releasing = (...counts: number[]) =>
    sink(() => ({ kind: 'holds_expired', released: counts.shift() ?? 0 }));

  it('does nothing before a deadline, and rests until the earliest', async () => {
    const { commands, engine } = releasing();
    expect(await expiryRound(due([1, nowMs + 700], [2, nowMs + 300]), engine)()).toBe(300);
    expect(await expiryRound(due(), engine)()).toBe(Number.POSITIVE_INFINITY);
    expect(commands).toEqual([]);
  });

  it('releases what is due at its very instant, and looks again at once', async () => {
    const { commands, engine } = releasing(1);
    expect(await expiryRound(due([1, nowMs], [2, nowMs + 1]), engine)()).toBeLessThan(0.1);
    expect(commands).toEqual([{ kind: 'expire_holds', productId: 1, limit: 50 }]);
  });

  const productsOf = (commands: readonly Command[]) =>
    commands.map((command) => 'productId' in command && command.productId);

  it('goes on with a product as long as commands are used up, with one command for each in turn', async () => {
    const { commands, engine } = releasing(50, 1, 50, 3);
    await expiryRound(due([1, 0], [2, 0]), engine, () => 0)();
    expect(productsOf(commands)).toEqual([1, 2, 1, 1]);
  });

  it('looks at the deadlines again after five commands, but not before each product had one', async () => {
    const { commands, engine } = sink(() => ({ kind: 'holds_expired', released: 50 }));
    await expiryRound(due([1, 0]), engine, () => 0)();
    expect(commands).toHaveLength(5);
    const many = sink(() => ({ kind: 'holds_expired', released: 50 }));
    const products = Array.from({ length: 30 }, (_, index) => [index + 1, 0] as const);
    await expiryRound(due(...products), many.engine, () => 0)();
    expect(productsOf(many.commands)).toEqual(products.map(([productId]) => productId));
  });

  it('rests where it is faster than twelve for each millisecond, and not where it is slower', async () => {
    let ms = 0;
    const taking = (tookMs: number) =>
      sink(() => {
        ms += tookMs;
        return { kind: 'holds_expired', released: 48 };
      }).engine;
    expect(await expiryRound(due([1, 0]), taking(1), () => ms)()).toBe(3);
    expect(await expiryRound(due([1, 0]), taking(6), () => ms)()).toBe(0);
  });

  it('releases as few with a command as keep the pace of twelve for each millisecond, from 50 to 300', async () => {
    let ms = 0;
    let tookMs = 0;
    const limits: number[] = [];
    const { engine } = sink((command) => {
      const limit = command.kind === 'expire_holds' ? command.limit : 0;
      limits.push(limit);
      ms += tookMs;
      return { kind: 'holds_expired', released: limit };
    });
    const round = expiryRound(due([1, 0]), engine, () => ms);
    const limitAfter = async (eachMs: number) => {
      tookMs = eachMs;
      for (let nth = 0; nth < 20; nth += 1) {
        await round();
      }
      return limits.at(-1);
    };
    expect(await limitAfter(10)).toBe(120);
    expect(await limitAfter(1)).toBe(50);
    expect(await limitAfter(60)).toBe(300);
    expect(limits[0]).toBe(50);
    // What one command says is taken as an eighth.
    limits.splice(0);
    tookMs = 1;
    await round();
    expect(limits.slice(0, 3)).toEqual([300, 269, 241]);
  });

  it('releases the others when one product fails, and is reported all the same', async () => {
    const { commands, engine } = sink((command) =>
      'productId' in command && command.productId === 1
        ? { kind: 'failed', code: 'database_unavailable' }
        : { kind: 'holds_expired', released: 1 },
    );
    await expect(expiryRound(due([1, 0], [2, 0]), engine)()).rejects.toThrow('product 1');
    expect(productsOf(commands)).toEqual([1, 2]);
  });

  it('releases much of the others in a round in which one product fails, since a rest follows', async () => {
    const { commands, engine } = sink((command) =>
      'productId' in command && command.productId === 1
        ? { kind: 'failed', code: 'database_unavailable' }
        : { kind: 'holds_expired', released: 50 },
    );
    await expect(expiryRound(due([1, 0], [2, 0]), engine, () => 0)()).rejects.toThrow('product 1');
    expect(productsOf(commands)).toEqual([1, ...Array(99).fill(2)]);
  });

  it('does not spin when somebody else was faster', async () => {
    const { engine } = releasing(0);
    expect(await expiryRound(due([1, 0], [2, nowMs + 50]), engine)()).toBe(50);
  });

  it('fails when the engine could not release, so that it is reported and tried again', async () => {
    const { engine } = sink(() => ({ kind: 'failed', code: 'database_unavailable' }));
    await expect(expiryRound(due([1, 0]), engine)()).rejects.toThrow('database_unavailable');
  });
});

describe('a round of parked events', () => {
  const parkedSeconds = 60;
  const event = (key: string): PaymentEvent => ({
    key,
    orderId: 5,
    holdId: null,
    productId: null,
    status: 'paid',
    amountMinor: null,
    currency: null,
    reference: null,
    result: 'parked',
    answer: { result: 'parked' },
    receivedAtMs: 0,
  });
  const parked = (known: readonly PaymentEvent[], old: readonly PaymentEvent[]) => {
    const asked: number[] = [];
    return {
      asked,
      nowMs: () => nowMs,
      parkedButKnown: async () => known,
      parkedSince: async (beforeMs: number) => {
        asked.push(beforeMs);
        return old;
      },
    };
  };
  const deciding = () => sink(() => ({ kind: 'parked_event_rechecked', result: 'processed' }));

  it('looks again at what is known by now, and gives up what waited too long', async () => {
    const { commands, engine } = deciding();
    const reader = parked([event('known')], [event('old')]);
    expect(await parkedEventsRound(reader, engine, parkedSeconds)()).toBeGreaterThan(0);
    expect(commands).toEqual([
      { kind: 'recheck_parked_event', event: event('known') },
      { kind: 'abandon_parked_event', event: event('old') },
    ]);
    expect(reader.asked).toEqual([nowMs - 60_000]);
  });

  it('looks again at once when there was more than a round takes', async () => {
    const full = Array.from({ length: 500 }, (_, index) => event(String(index)));
    expect(await parkedEventsRound(parked(full, []), deciding().engine, parkedSeconds)()).toBe(0);
    expect(await parkedEventsRound(parked([], full), deciding().engine, parkedSeconds)()).toBe(0);
  });
});

describe('a round of retention', () => {
  const dayMs = 86_400_000;
  const retention = {
    nowMs: () => 40 * dayMs,
    retentionDays: 30,
    parkedSeconds: 86_400,
    factsDeleted: () => {},
  };

  it('deletes holds and orders after their days, keys of buyers after two days, and no order before its key', async () => {
    const asked: unknown[] = [];
    const purge = async (...given: unknown[]) => ({ isDone: asked.push(given) > 0, facts: 0 });
    await retentionRound({ ...retention, purge })();
    await retentionRound({ ...retention, purge, retentionDays: 1 })();
    expect(asked).toEqual([
      [
        {
          releasedHoldsMs: 10 * dayMs,
          endedOrdersMs: 10 * dayMs,
          requestKeysMs: 38 * dayMs,
          outgoingEventsMs: 10 * dayMs,
          unknownFactsMs: 39 * dayMs,
        },
        1000,
      ],
      [
        {
          releasedHoldsMs: 39 * dayMs,
          endedOrdersMs: 38 * dayMs,
          requestKeysMs: 38 * dayMs,
          outgoingEventsMs: 39 * dayMs,
          unknownFactsMs: 39 * dayMs,
        },
        1000,
      ],
    ]);
  });

  it('reports facts about unknown payments that it deleted, and only then', async () => {
    const reported: number[] = [];
    for (const facts of [0, 3]) {
      const purge = async () => ({ isDone: true, facts });
      await retentionRound({ ...retention, purge, factsDeleted: (count) => reported.push(count) })();
    }
    expect(reported).toEqual([3]);
  });

  it('rests less when there is more to delete', async () => {
    const restAfter = (isDone: boolean) =>
      retentionRound({ ...retention, purge: async () => ({ isDone, facts: 0 }) })();
    expect(await restAfter(false)).toBeLessThan(await restAfter(true));
  });
});
