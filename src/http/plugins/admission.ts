import type { ApiServer } from '../api-server.ts';
import { sendProblem } from '../problem.ts';
import type { ServerDeps } from '../server-deps.ts';

/** Node adds a second to it. In that time a client that goes on at once is told to go elsewhere. */
const closingKeepAliveMs = 1;

export type Closing = {
  /** True from the moment when the server was told to close. */
  readonly begun: boolean;
};

/**
 * Learns of the closing before the server stops to listen: connections that are kept alive go on sending
 * requests.
 */
export function watchClosing(app: ApiServer): Closing {
  const closing = { begun: false };
  app.addHook('preClose', (done) => {
    closing.begun = true;
    // Connections that are busy now will be idle once they have their answer, and nobody closes them then:
    // without this the server would wait for as long as clients keep them.
    app.server.keepAliveTimeout = closingKeepAliveMs;
    done();
  });
  return closing;
}

/** Refuses what cannot be served, before anything of it is read. */
export function refuseWhileNotReady(app: ApiServer, { isUp }: ServerDeps, closing: Closing): void {
  app.addHook('onRequest', (_request, reply, done) => {
    if (closing.begun) {
      sendProblem(reply.header('connection', 'close'), { code: 'shutting_down' });
      return;
    }
    if (!isUp()) {
      sendProblem(reply, { code: 'database_unavailable' });
      return;
    }
    done();
  });
}
