import { TraceFlags } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

/** The samplers by the names that OpenTelemetry gives them in `OTEL_TRACES_SAMPLER`. */
function samplerOf(name: SamplerName, ratio: number): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  switch (name) {
    case 'always_on':
    case 'always_off':
    case 'traceidratio':
      return roots[name]();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: roots.always_on() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: roots.always_off() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: roots.traceidratio() });
  }
}

/**
 * A batch is recorded when one of its requests is, whatever its own trace id would say: else hardly any recorded request would lead to
 * its batch.
 */
export function samplerWithLinks(name: SamplerName, ratio: number): Sampler {
  const others = samplerOf(name, ratio);
  return {
    shouldSample: (context, traceId, spanName, kind, attributes, links) =>
      links.some(({ context: { traceFlags } }) => (traceFlags & TraceFlags.SAMPLED) !== 0)
        ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
        : others.shouldSample(context, traceId, spanName, kind, attributes, links),
    toString: () => `WithLinks{${others.toString()}}`,
  };
}
