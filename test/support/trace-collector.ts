import { createServer } from 'node:http';
import { listenForTest } from './local-server.ts';
import { until } from './until.ts';

/** A span as OTLP over HTTP writes it in JSON, with its attributes as an object. */
export type CollectedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What the process says of itself. */
  readonly resource: Readonly<Record<string, unknown>>;
};

type Attributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
type Body = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'attributes' | 'resource'> & {
        readonly attributes: Attributes;
      })[];
    }[];
  }[];
};

/** Receives what an exporter sends, over HTTP, and keeps it. Ends with the test. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** The headers of the requests that came. */
  readonly requests: Readonly<Record<string, unknown>>[] = [];
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  /** @param path under which spans are taken */
  static async start(path = '/v1/traces', port = 0): Promise<TraceCollector> {
    const server = createServer(async (request, response) => {
      // Null when a test ends in the middle of it.
      const sent = await request.toArray().catch(() => null);
      if (sent !== null && request.url === path) {
        const body: Body = JSON.parse(sent.join(''));
        collector.#take(body);
        collector.requests.push(request.headers);
      }
      response.writeHead(request.url === path ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
    const collector = new TraceCollector(await listenForTest(server, port));
    return collector;
  }

  named(name: string): CollectedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** Waits for so many spans of a name. */
  untilNamed(name: string, count = 1): Promise<CollectedSpan[]> {
    return until(() => {
      const found = this.named(name);
      return found.length >= count && found;
    });
  }

  #take({ resourceSpans }: Body): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({
          ...span,
          links: span.links ?? [],
          attributes: objectOf(span.attributes),
          resource: objectOf(resource.attributes),
        });
      }
    }
  }
}

function objectOf(attributes: Attributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
