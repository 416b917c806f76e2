import { metricsMediaType } from '../../telemetry/metrics/metrics-text.ts';
import type { ApiServer } from '../api-server.ts';
import { Type } from '../schemas/type.ts';

/** For Prometheus. Open as the health is, so it has to be kept from strangers by what stands before the service. */
export function addMetricsRoute(app: ApiServer, metricsText: () => Promise<string>): void {
  let underWay: Promise<string> | null = null;
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'Figures of the service for Prometheus',
        tags: ['health'],
        response: {
          200: {
            description: 'In the text format of Prometheus.',
            content: { 'text/plain': { schema: Type.String() } },
          },
        },
      },
    },
    async (_request, reply) => {
      // Those who ask at the same time get the same answer: it costs some milliseconds of a process that sells.
      underWay ??= metricsText().finally(() => {
        underWay = null;
      });
      const text = await underWay;
      return reply.type(metricsMediaType).send(text);
    },
  );
}
