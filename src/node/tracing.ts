import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config/options.ts';
import { tracesNotSent, tracesSentAgain } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';

/** The traces of a process; nothing of it is loaded where they are not wanted. */
export async function tracingOf(config: Config, log: Logger): Promise<Tracing | undefined> {
  if (config.otelExporterOtlpEndpoint === null) {
    return undefined;
  }
  const { otlpTracing } = await import('../telemetry/tracing/otlp-tracing.ts');
  return otlpTracing({
    endpoint: config.otelExporterOtlpEndpoint,
    serviceName: config.otelServiceName,
    version: packageJson.version,
    sampler: config.otelTracesSampler,
    ratio: config.otelTracesSamplerArg,
    exporting: {
      failed: (reason) => tracesNotSent(log, { reason }),
      worksAgain: () => tracesSentAgain(log),
    },
  });
}
