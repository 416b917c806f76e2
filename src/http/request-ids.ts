import { randomBytes } from 'node:crypto';

/**
 * Makes ids for requests: unique over processes and restarts by a random prefix, and cheap by a counter. What
 * a client sends as its request id is not used: anybody could write into the log with it.
 */
export function createRequestIds(): () => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}
