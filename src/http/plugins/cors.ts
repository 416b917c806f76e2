import type { ApiServer } from '../api-server.ts';

const usual = {
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
};

/** An operator's page also sends the version that it edits, and reads the current one. */
const forOperators = {
  ...usual,
  allowedHeaders: [...usual.allowedHeaders, 'If-Match'],
  exposedHeaders: [...usual.exposedHeaders, 'ETag'],
};

/** Lets pages of these origins call the routes of `app`. No cookies are involved, so credentials stay off. */
export async function allowOrigins(app: ApiServer, origins: readonly string[]): Promise<void> {
  if (origins.length > 0) {
    await register(app, origins, usual);
  }
}

/**
 * Lets pages of these origins call the admin API, and refuses pages of all other origins. The preflight route of `allowOrigins` matches
 * every path of the server. So without a separate route the admin API would permit the origins of `CORS_ORIGINS`.
 *
 * @param app has the prefix of the admin API, and is not part of an app that was given to `allowOrigins`
 */
export async function allowOperatorOrigins(app: ApiServer, origins: readonly string[]): Promise<void> {
  if (origins.length > 0) {
    await register(app, origins, forOperators);
  } else {
    app.options('*', { schema: { hide: true } }, (_request, reply) => reply.callNotFound());
  }
}

async function register(app: ApiServer, origins: readonly string[], headers: typeof usual): Promise<void> {
  const { default: cors } = await import('@fastify/cors');
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    ...headers,
    // A browser asks once in ten minutes, not before every hold.
    maxAge: 600,
    strictPreflight: false,
  });
}
