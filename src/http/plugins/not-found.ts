import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';
import type { CountAnswer } from './answer-counts.ts';

type ServedPath = {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
};

/** Answers a request that no route takes. */
export type AnswerUnserved = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Answers what no route takes: 405 where the path is served with other methods, 404 elsewhere. The routes are
 * collected as they are made, so that served requests pay nothing for it.
 *
 * @returns the same answer, for what the framework finds wrong with such a request before it comes here
 */
export function answerNotFound(app: ApiServer, count: CountAnswer = () => {}): AnswerUnserved {
  const served = new Map<string, ServedPath>();
  app.addHook('onRoute', ({ url, method }) => {
    // Preflight routes match every path below theirs, so they do not show which paths are served.
    if (method === 'OPTIONS') {
      return;
    }
    const path = served.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const each of [method].flat()) {
      path.methods.add(each);
    }
    served.set(url, path);
  });

  const answerUnserved: AnswerUnserved = (request, reply) => {
    answer(request, reply);
    count(request, reply);
  };
  app.setNotFoundHandler(answerUnserved);
  return answerUnserved;

  function answer(request: FastifyRequest, reply: FastifyReply): void {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = new Set<string>();
    for (const { pattern, methods: ofPath } of served.values()) {
      if (pattern.test(path)) {
        for (const method of ofPath) {
          methods.add(method);
        }
      }
    }
    // A served path that still ends here is a file of the documentation page that does not exist.
    if (methods.size === 0 || methods.has(request.method)) {
      sendProblem(reply, { code: 'route_not_found' });
      return;
    }
    const allowed = [...methods, 'OPTIONS'].join(', ');
    reply.header('allow', allowed);
    if (request.method === 'OPTIONS') {
      reply.code(204).send();
      return;
    }
    sendProblem(reply, {
      code: 'method_not_allowed',
      detail: `Expected one of ${allowed}, got ${request.method}.`,
    });
  }
}

/** `/holds/:id` takes every text between two slashes for the id, `*` everything. */
function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[^/]+/g, '[^/]+')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`);
}
