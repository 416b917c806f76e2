import { describe, expect, it } from 'vitest';
import { spanContextOf } from './trace-parent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('the trace that a request belongs to', () => {
  it.each([
    [`00-${traceId}-${spanId}-01`, 1],
    [`00-${traceId}-${spanId}-00`, 0],
    [` 00-${traceId}-${spanId}-ff `, 1],
    [`01-${traceId}-${spanId}-01-more`, 1],
  ])('is read from %j', (traceparent, traceFlags) => {
    expect(spanContextOf({ traceparent })).toEqual({ traceId, spanId, traceFlags, isRemote: true });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
  ])('is not read from %j', (traceparent) => {
    expect(spanContextOf({ traceparent })).toBeNull();
  });

  it('comes with its state', () => {
    const context = spanContextOf({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'shop=7' });
    expect(context?.traceState?.get('shop')).toBe('7');
  });
});
