import { createTraceState, type SpanContext } from '@opentelemetry/api';

/** https://www.w3.org/TR/trace-context/: version, trace, span, flags; later versions may add more. Ids of zeros are none. */
const traceParent = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** The span of somebody else that a request belongs to, null when its headers name none that can be read. */
export function spanContextOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): SpanContext | null {
  const { traceparent, tracestate } = headers;
  const match = typeof traceparent === 'string' ? traceParent.exec(traceparent.trim()) : null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match ?? [];
  if (match === null || (version === '00' && rest !== undefined)) {
    return null;
  }
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return typeof tracestate === 'string' ? { ...context, traceState: createTraceState(tracestate) } : context;
}
