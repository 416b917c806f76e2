// A connection in a thread of its own. The other side is in sqlite-places.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { SqliteSession } from './sqlite-session.mjs';

/** @import { SqliteAnswer, SqliteStep } from './sqlite-steps.ts' */

const session = new SqliteSession(workerData);

parentPort?.on('message', (/** @type {SqliteStep | 'close'} */ message) => {
  if (message === 'close') {
    session.close();
    parentPort?.close();
  } else {
    parentPort?.postMessage(answer(message));
  }
});

/**
 * @param {SqliteStep} step
 * @returns {SqliteAnswer}
 */
function answer(step) {
  try {
    return { result: session.take(step) };
  } catch (error) {
    if (!(error instanceof Error)) {
      throw error;
    }
    const errcode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
    return { failure: { message: error.message, errcode } };
  }
}
