import type { ApiServer } from '../api-server.ts';

/**
 * Headers of every answer. Written here and not by a plugin, because the plugin builds its middleware anew
 * for each request; the pages for people, which need more of them, have the plugin.
 */
export const answerHeaders = {
  // Answers are data: nothing in them is to be run, framed or guessed to be something else.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // What is held changes from second to second, and ids of holds and orders are secrets of their buyers.
  'cache-control': 'no-store',
};

export function addAnswerHeaders(app: ApiServer): void {
  app.addHook('onRequest', (_request, reply, done) => {
    setAnswerHeaders(reply);
    done();
  });
}

export function setAnswerHeaders(reply: {
  readonly request: { readonly id: string };
  header(name: string, value: string): unknown;
}): void {
  for (const name in answerHeaders) {
    reply.header(name, answerHeaders[name as keyof typeof answerHeaders]);
  }
  reply.header('x-request-id', reply.request.id);
}
