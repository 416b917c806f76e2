import type { ApiServer } from '../api-server.ts';

/** Lets pages of these origins call the API. No cookies are involved, so credentials stay off. */
export async function allowOrigins(app: ApiServer, origins: readonly string[]): Promise<void> {
  const { default: cors } = await import('@fastify/cors');
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Content-Type', 'Idempotency-Key', 'Authorization', 'Last-Event-ID'],
    exposedHeaders: [
      'Location',
      'Retry-After',
      'Idempotency-Replayed',
      'RateLimit',
      'RateLimit-Policy',
      'X-Request-Id',
      // For countdowns by the clock of the server, because that of a buyer's device may be minutes off.
      'Date',
    ],
    // A browser asks once in ten minutes, not before every hold.
    maxAge: 600,
    strictPreflight: false,
  });
}
