import { expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';

function asking(trustProxy: readonly string[]) {
  const { app, warned } = serverWith({ config: { trustProxy }, reader: { nowMs: () => 0 } });
  const ask = (remoteAddress: string) =>
    app.inject({ url: '/healthz', remoteAddress, headers: { 'x-forwarded-for': '203.0.113.7' } });
  return { ask, addresses: () => warned.map(({ fields }) => fields.address) };
}

it('warns once of each proxy that is not trusted', async () => {
  const { ask, addresses } = asking(['10.0.0.0/8']);
  for (const address of ['192.0.2.1', '10.0.0.1', '192.0.2.2', '192.0.2.1', '::ffff:192.0.2.2']) {
    await ask(address);
  }
  expect(addresses()).toEqual(['192.0.2.1', '192.0.2.2']);
});

it('does not warn of a connection that ended before its request was read, which may be that of a trusted proxy', async () => {
  const { ask, addresses } = asking(['10.0.0.0/8']);
  await ask('of a closed socket');
  expect(addresses()).toEqual([]);
});

it('warns of ten addresses at most, so strangers cannot fill the log', async () => {
  const { ask, addresses } = asking([]);
  for (let last = 1; last <= 50; last += 1) {
    await ask(`192.0.2.${last}`);
  }
  expect(addresses()).toHaveLength(10);
});
