import type { StaticDocumentSpec } from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import type { ApiServer } from './api-server.ts';
import { errorPage } from './error-page.ts';
import { answerLikeTheApi } from './plugins/file-answers.ts';
import { errorPagePath } from './problem.ts';
import { createRequestIds } from './request-ids.ts';
import type { ServerLog } from './server-deps.ts';

export const docsPath = '/api/docs';

/**
 * The pages about the API, as a server of their own that only takes requests from the main one.
 *
 * @param description the OpenAPI document
 */
export async function createDocsPages(description: object, log: ServerLog): Promise<ApiServer> {
  const [{ default: helmet }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('@fastify/helmet'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  const pages: ApiServer = fastify({
    logger: false,
    genReqId: createRequestIds(),
  }).withTypeProvider<TypeBoxTypeProvider>();

  answerLikeTheApi(pages, log);
  pages.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  await pages.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'img-src': ["'self'", 'data:'],
        'object-src': ["'none'"],
        'script-src': ["'self'"],
        // The page styles its elements one by one.
        'style-src': ["'self'", "'unsafe-inline'"],
        // Without Trusted Types, which the other pages have: Swagger UI 5 and its React set innerHTML. With them nothing is rendered, and
        // Chromium reports "Element innerHTML" in swagger-initializer.js and swagger-ui-bundle.js.
      },
    },
    // Whether the site is served by TLS only is known to what terminates TLS.
    strictTransportSecurity: false,
  });
  pages.get(errorPagePath, async (_request, reply) => {
    return reply.type('text/html; charset=utf-8').send(errorPage());
  });
  // The plugin's types know no OpenAPI 3.1, which it serves as it is.
  const document = description as StaticDocumentSpec['document'];
  await pages.register(swagger, { mode: 'static', specification: { document } });
  await pages.register(swaggerUi, {
    routePrefix: docsPath,
    uiConfig: { deepLinking: true, tryItOutEnabled: true, displayRequestDuration: true },
    theme: { title: 'Flash-sale checkout' },
  });
  await pages.ready();
  return pages;
}
