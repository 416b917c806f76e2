import staticFiles from '@fastify/static';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import type { ApiServer } from './api-server.ts';
import { addAnswerHeaders } from './plugins/answer-headers.ts';
import { answerLikeTheApi } from './plugins/file-answers.ts';
import { createRequestIds } from './request-ids.ts';
import type { ServerLog } from './server-deps.ts';

/**
 * The pages load their own files and connect to this server only. They create all elements by calls, so the browser may refuse every text
 * that would become HTML or a script. Trusted Types do that, and `'none'` forbids policies with exceptions.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * The files of storefront and console, as a server of their own that only takes requests from the main one.
 *
 * @param folder where `npm run build:pages` has put them
 */
export async function createPageFiles(folder: string, log: ServerLog): Promise<ApiServer> {
  const files: ApiServer = fastify({
    logger: false,
    genReqId: createRequestIds(),
  }).withTypeProvider<TypeBoxTypeProvider>();

  // A page replaces some of them; an address that is unknown is answered with them like everywhere else.
  addAnswerHeaders(files);
  answerLikeTheApi(files, log);
  await files.register(staticFiles, {
    root: folder,
    // A route for each file that is there when the server starts, and none for what is not.
    wildcard: false,
    index: false,
    preCompressed: true,
    cacheControl: false,
    acceptRanges: false,
    setHeaders: (answer, path) => {
      answer.header('x-content-type-options', 'nosniff');
      answer.header('referrer-policy', 'no-referrer');
      answer.header('content-security-policy', pagePolicy);
      answer.header('cross-origin-opener-policy', 'same-origin');
      // The name of an asset has a hash of its content; a page must be asked for anew to find the newest names.
      const isAsset = path.includes('/assets/');
      answer.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  files.get('/', (_request, reply) => reply.sendFile('index.html'));
  files.get('/console', (_request, reply) => reply.sendFile('console.html'));
  await files.ready();
  return files;
}
