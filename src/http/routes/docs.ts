import type { ApiServer } from '../api-server.ts';
import { createDocsPages, docsPath } from '../docs-pages.ts';
import type { DescribeApi } from '../plugins/openapi.ts';
import type { ServerLog } from '../server-deps.ts';

/** The API described: for programs, and as pages for people. */
export function addDocsRoutes(app: ApiServer, describe: DescribeApi, log: ServerLog): void {
  app.get('/api/openapi.json', { schema: { hide: true } }, describe);

  // The pages are made when they are first asked for: loading what they need takes about 40 ms of a start,
  // and a sale needs none of it.
  let pages: Promise<ApiServer> | undefined;
  for (const url of [docsPath, `${docsPath}/*`]) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      pages ??= describe().then((description) => createDocsPages(description, log));
      const { routing } = await pages;
      reply.hijack();
      routing(request.raw, reply.raw);
    });
  }
}
