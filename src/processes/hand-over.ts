import type { ChildProcess } from 'node:child_process';

/** A connection as Node's cluster hands it to a process. */
type Connection = { close(): void };

/**
 * Node's cluster hands one connection at a time to a process and waits until it was accepted. When the process dies
 * before that, the connection is forgotten and stays open, and its client would wait for an answer for ever. (Seen
 * three times in eight `kill -9` under 60 new connections at a time.)
 *
 * @returns closes the connection that was handed over last, unless that was done, so that its client comes again; to
 *   be called when the process has died
 */
export function watchHandOver(child: ChildProcess): () => void {
  if (child.send === undefined) {
    return () => {}; // it could not be made, so nothing is handed to it
  }
  let last: Connection | null = null;
  const send = child.send.bind(child) as (...args: readonly unknown[]) => boolean;
  child.send = ((message: unknown, handle: unknown, ...rest: readonly unknown[]) => {
    if (isConnection(handle)) {
      last = handle;
    }
    return send(message, handle, ...rest);
  }) as typeof child.send;
  // Once it was accepted, it is closed in this process already, and closing it again does nothing.
  return () => last?.close();
}

function isConnection(handle: unknown): handle is Connection {
  return typeof handle === 'object' && handle !== null && 'close' in handle;
}
