import { describe, expect, it } from 'vitest';
import { aParkedEvent, applyEvent, noonMs, orderedRows, worldOf } from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import { audit } from '../../test/support/world-auditor.ts';
import type { IncomingPaymentEvent } from './payment.ts';

const returned = (over: Partial<IncomingPaymentEvent>) =>
  reportFact('refunded', { reference: 'pi_1', ...over });

describe('a second look at a fact that waits', () => {
  const look = (event: IncomingPaymentEvent) => ({ kind: 'recheck_parked_event', event }) as const;
  const giveUp = (event: IncomingPaymentEvent) => ({ kind: 'abandon_parked_event', event }) as const;
  const waiting = (over: Partial<IncomingPaymentEvent> = {}) =>
    aParkedEvent({ ...returned(over).event, productId: null });

  it.each([look, giveUp])('puts it under the order that came meanwhile', (command) => {
    const fact = waiting();
    const world = worldOf({ ...orderedRows('pending'), events: [fact] });
    expect(world.one(command(fact), noonMs)).toMatchObject({ result: 'parked' });
    expect(world.events.get(fact.key)).toEqual({ ...fact, holdId: 70, productId: 1 });
    expect(world.parkedUnknown('facts')).toBe(0);
    world.one(applyEvent(), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(audit(world, noonMs)).toEqual([]);
  });

  it.each([look, giveUp])('applies it to the payment that came meanwhile', (command) => {
    const fact = waiting({ orderId: null, reference: 'pi_first' });
    const world = worldOf({ ...orderedRows('paid'), events: [fact] });
    const { outcomes, happened } = world.batch([command(fact)], noonMs);
    expect(outcomes).toEqual([{ kind: 'parked_event_rechecked', result: 'processed' }]);
    expect(happened.map(({ kind }) => kind)).toEqual(['refund_succeeded', 'payment_event_processed']);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(world.events.get(fact.key)).toMatchObject({
      orderId: 500,
      holdId: 70,
      answer: { result: 'parked' },
    });
    expect(audit(world, noonMs)).toEqual([]);
    expect(world.one(command(fact), noonMs)).toMatchObject({ result: 'processed' });
  });

  it('leaves it waiting while its payment, order and hold are unknown, and gives it up in the end', () => {
    const fact = waiting({ orderId: null });
    const world = worldOf({ ...orderedRows('pending'), events: [fact] });
    expect(world.one(look(fact), noonMs)).toMatchObject({ result: 'parked' });
    expect(world.events.get(fact.key)).toEqual(fact);
    const given = world.batch([giveUp(fact)], noonMs);
    expect(given.outcomes).toEqual([{ kind: 'parked_event_rechecked', result: 'unmatched' }]);
    expect(given.happened).toMatchObject([{ kind: 'payment_event_unmatched' }]);
    expect(world.parkedUnknown('facts')).toBe(0);
  });

  it('counts it for a payment that comes after it was given up', () => {
    const fact = waiting({ orderId: null });
    const world = worldOf({ ...orderedRows('pending'), events: [fact] });
    world.one(giveUp(fact), noonMs);
    world.one(applyEvent(), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(world.events.get(fact.key)?.result).toBe('processed');
    expect(audit(world, noonMs)).toEqual([]);
  });
});
