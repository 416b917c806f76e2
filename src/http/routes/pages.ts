import type { ApiServer } from '../api-server.ts';
import { answeredByItself } from '../plugins/answer-counts.ts';
import type { ServerDeps } from '../server-deps.ts';

/** No catch-all: what is not a page or one of its files stays unknown. */
const paths = ['/', '/console', '/assets/*', '/icon.svg'];

/**
 * The storefront and the console.
 *
 * @param folder where their built files are
 */
export function addPageRoutes(
  app: ApiServer,
  folder: string,
  { counts, log }: Pick<ServerDeps, 'counts' | 'log'>,
): void {
  // Made when somebody first looks, as a shop with pages of its own never does.
  let files: Promise<ApiServer> | undefined;
  for (const url of paths) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      files ??= import('../page-files.ts').then(({ createPageFiles }) => createPageFiles(folder, log));
      const { routing } = await files;
      reply.hijack();
      reply.raw.once('finish', () => answeredByItself(request, reply.raw.statusCode, counts));
      routing(request.raw, reply.raw);
    });
  }
}
