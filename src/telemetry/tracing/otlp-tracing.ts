import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Command } from '../../domain/commands.ts';
import { batchPhases } from '../metrics/batch-counts.ts';
import { toldOfFailures } from './exporting.ts';
import { type SamplerName, samplerWithLinks } from './sampler.ts';
import { spanContextOf } from './trace-parent.ts';
import type { RequestSpan, TracedBatch, Tracing } from './tracing.ts';

/** More links than one can follow. A batch has up to `BATCH_MAX` requests. */
const linksMax = 128;
/** Spans that wait to be sent. When a collector is away or too slow, the rest is dropped and nobody waits. */
const spansMax = 8_192;
const exportEveryMs = 1_000;
const exportWaitMs = 5_000;
/** For what is left when the process stops. */
const stopWaitMs = 2_000;

export type TracingOptions = {
  /** Where OTLP over HTTP is spoken: the path `/v1/traces` is added. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly version: string;
  readonly sampler: SamplerName;
  /** For samplers with a ratio, from 0 to 1. */
  readonly ratio: number;
  /** Told when spans cannot be sent any more, and when they can again. */
  readonly exporting: { failed(reason: string): void; worksAgain(): void };
};

/**
 * Traces by OpenTelemetry. Loaded only where an endpoint is set. What else its exporter knows, such as headers, compression and
 * certificates, it reads from its own variables, `OTEL_EXPORTER_OTLP_…`.
 */
export function otlpTracing(options: TracingOptions): Tracing {
  const url = `${options.endpoint.replace(/\/$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: exportWaitMs });
  const provider = new TracerProvider({
    resource: detectResources({ detectors: [resourceAttributesEnvDetector] }).merge(
      resourceFromAttributes({
        'service.name': options.serviceName,
        'service.version': options.version,
        'process.pid': process.pid,
      }),
    ),
    sampler: samplerWithLinks(options.sampler, options.ratio),
    spanLimits: { linkCountLimit: linksMax },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: toldOfFailures(exporter, options.exporting),
        maxQueueSize: spansMax,
        scheduledDelayMillis: exportEveryMs,
        exportTimeoutMillis: exportWaitMs,
      }),
    ],
  });
  return new OtlpTracing(provider);
}

/** A request's span as this file knows it. */
class TracedRequest implements RequestSpan {
  readonly span: Span;

  constructor(span: Span) {
    this.span = span;
  }

  end(status: number | null): void {
    if (!this.span.isRecording()) {
      return;
    }
    if (status !== null) {
      this.span.setAttribute('http.response.status_code', status);
    }
    // What a client did wrong is no error of this side.
    if (status === null || status >= 500) {
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: ReturnType<TracerProvider['getTracer']>;
  readonly #current = new AsyncLocalStorage<Span>();
  /** Which request a command came with. Forgotten with the command. */
  readonly #requestOf = new WeakMap<Command, SpanContext>();

  constructor(provider: TracerProvider) {
    this.#provider = provider;
    this.#tracer = provider.getTracer('flash-sale-checkout');
  }

  requestBegan(...[method, route, headers]: Parameters<Tracing['requestBegan']>): RequestSpan {
    const remote = spanContextOf(headers);
    const span = this.#tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          ...(route === undefined ? {} : { 'http.route': route }),
        },
      },
      remote === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote),
    );
    return new TracedRequest(span);
  }

  within(request: RequestSpan, work: () => void): void {
    if (request instanceof TracedRequest) {
      this.#current.run(request.span, work);
    } else {
      work();
    }
  }

  submitted(command: Command): void {
    const span = this.#current.getStore();
    if (span?.isRecording() === true) {
      this.#requestOf.set(command, span.spanContext());
    }
  }

  /** Its spans are made when it has ended, from instants that were taken anyway: a batch under way knows nothing of them. */
  batchEnded({ commands, times, failure }: TracedBatch): void {
    const links = commands.flatMap((command) => {
      const context = this.#requestOf.get(command);
      return context === undefined ? [] : [{ context }];
    });
    const batch = this.#tracer.startSpan(
      'batch',
      {
        startTime: clockMs(times.startedMs),
        links: links.slice(0, linksMax),
        attributes: {
          'flash_sale.batch.commands': commands.length,
          'flash_sale.batch.requests': links.length,
        },
      },
      ROOT_CONTEXT,
    );
    if (batch.isRecording()) {
      this.#addParts(trace.setSpan(ROOT_CONTEXT, batch), times, failure);
    }
    finish(batch, endOf(times.committedMs), failure);
  }

  outgoing<Result>(name: string, send: () => Promise<Result>): Promise<Result> {
    const parent = this.#current.getStore();
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT }, context);
    return send().then(
      (result) => {
        span.end();
        return result;
      },
      (error: unknown) => {
        finish(span, Date.now(), error instanceof Error ? error.message : String(error));
        throw error;
      },
    );
  }

  async stop(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, stopWaitMs);
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late.promise]);
    clearTimeout(timer);
  }

  /** Where its rows are is looked up before the transaction; the other phases are parts of it. */
  #addParts(batch: Context, times: TracedBatch['times'], failure: string | null): void {
    const endMs = endOf(times.committedMs);
    const add = (name: string, context: Context, fromMs: number, toMs: number): Span => {
      const span = this.#tracer.startSpan(name, { startTime: clockMs(fromMs) }, context);
      finish(span, endOf(toMs), Number.isNaN(toMs) ? failure : null);
      return span;
    };
    let parent = batch;
    for (const [phase, from, to] of batchPhases) {
      if (Number.isNaN(times[from])) {
        return;
      }
      if (from === 'locatedMs') {
        const transaction = add('transaction', batch, times[from], times.committedMs);
        parent = trace.setSpan(batch, transaction);
      }
      add(phase, parent, times[from], Math.min(times[to], endMs));
    }
  }
}

function finish(span: Span, endMs: number, failure: string | null): void {
  if (failure !== null) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  }
  span.end(endMs);
}

/** By the clock, of an instant of `performance.now()`. */
function clockMs(ms: number): number {
  return performance.timeOrigin + ms;
}

/** What was not reached ended now. */
function endOf(ms: number): number {
  return clockMs(Number.isNaN(ms) ? performance.now() : ms);
}
