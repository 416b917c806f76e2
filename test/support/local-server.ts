import type { AddressInfo, Server } from 'node:net';
import { onTestFinished } from 'vitest';

/** Has a server listen on the loopback address. Resolves to its port. */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port;
}

/** The same for an HTTP server; it is closed, with all its connections, when the test that calls this has ended. */
export async function listenForTest(
  server: Server & { closeAllConnections(): void },
  port?: number,
): Promise<string> {
  const url = `http://127.0.0.1:${await listen(server, port)}`;
  onTestFinished(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  );
  return url;
}
