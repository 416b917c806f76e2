import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** The same exporter, with one word when it stops to work and one when it works again. */
export function toldOfFailures(
  exporter: SpanExporter,
  told: { failed(reason: string): void; worksAgain(): void },
): SpanExporter {
  let works = true;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const succeeded = result.error === undefined && result.code === 0;
        if (works && !succeeded) {
          told.failed(result.error?.message ?? 'refused');
        } else if (!works && succeeded) {
          told.worksAgain();
        }
        works = succeeded;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
