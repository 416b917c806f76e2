import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreError } from '../store-error.ts';
import { noObserver } from '../store-observer.ts';
import { type HostConnection, HostPool } from './host-pool.ts';
import { Hosts } from './hosts.ts';
import type { Host } from './server-url.ts';

const host: Host = { address: 'a', port: 1, name: 'a:1' };

/** A pool over one server, which takes and refuses connections when the test says so. */
function poolUnderTest() {
  const asked: PromiseWithResolvers<HostConnection>[] = [];
  const pool = new HostPool(
    new Hosts([host], noObserver),
    () => {
      const connecting = Promise.withResolvers<HostConnection>();
      asked.push(connecting);
      return connecting.promise;
    },
    { max: 1, idleMs: 60_000 },
  );
  return {
    pool,
    takes: (connection: HostConnection = workingConnection()) => asked.shift()?.resolve(connection),
    refuses: () => asked.shift()?.reject(new StoreError('retryable', 'refused')),
  };
}

function workingConnection(): HostConnection & { isGone: boolean } {
  const connection = {
    host,
    isGone: false,
    close: () => {
      connection.isGone = true;
    },
  };
  return connection;
}

describe('a pool of connections', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('loses no connection that is made for somebody who had waited for long by then', async () => {
    const { pool, takes } = poolUnderTest();
    const fallen = workingConnection();
    const first = pool.acquire();
    takes(fallen);
    await first;
    const second = pool.acquire();
    const third = pool.acquire();
    const refusal = expect(third).rejects.toThrow('none of 1 connections got free within 5 s');
    await vi.advanceTimersByTimeAsync(4_000);
    fallen.isGone = true;
    pool.release(fallen);
    await vi.advanceTimersByTimeAsync(1_500);
    await refusal;

    const made = workingConnection();
    takes(made);
    expect(await second).toBe(made);
    pool.release(made);
    expect(await pool.acquire()).toBe(made);
  });

  it('refuses only who has waited for long', async () => {
    const { pool, takes } = poolUnderTest();
    const first = pool.acquire();
    takes();
    const connection = await first;
    const refusal = expect(pool.acquire()).rejects.toMatchObject({ kind: 'retryable' });
    await vi.advanceTimersByTimeAsync(4_000);
    const third = pool.acquire();
    await vi.advanceTimersByTimeAsync(1_500);

    await refusal;
    pool.release(connection);
    expect(await third).toBe(connection);
  });

  it('opens one for the next who waits when one could not be made', async () => {
    const { pool, takes, refuses } = poolUnderTest();
    const first = pool.acquire();
    const second = pool.acquire();
    refuses();
    await expect(first).rejects.toThrow('refused');

    const made = workingConnection();
    takes(made);
    expect(await second).toBe(made);
  });

  it('refuses all who wait when it is closed, and closes a connection that comes too late', async () => {
    const { pool, takes } = poolUnderTest();
    const first = pool.acquire();
    const second = pool.acquire();
    const refusals = [expect(first).rejects.toThrow('closed'), expect(second).rejects.toThrow('closed')];
    await pool.close();
    const late = workingConnection();
    takes(late);
    await Promise.all(refusals);
    expect(late.isGone).toBe(true);
  });
});
