import type { HttpCounts } from '../../telemetry/metrics/http-counts.ts';
import type { ApiServer } from '../api-server.ts';
import { answeredByItself } from '../plugins/answer-counts.ts';

/** No catch-all: what is not a page or one of its files stays unknown. */
const paths = ['/', '/console', '/assets/*', '/icon.svg'];

/**
 * The storefront and the console.
 *
 * @param folder where their built files are
 * @param counts undefined where nothing is counted
 */
export function addPageRoutes(app: ApiServer, folder: string, counts: HttpCounts | undefined): void {
  // Made when somebody first looks, as a shop with pages of its own never does.
  let files: Promise<ApiServer> | undefined;
  for (const url of paths) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      files ??= import('../page-files.ts').then(({ createPageFiles }) => createPageFiles(folder));
      const { routing } = await files;
      reply.hijack();
      reply.raw.once('finish', () => answeredByItself(request, reply.raw.statusCode, counts));
      routing(request.raw, reply.raw);
    });
  }
}
