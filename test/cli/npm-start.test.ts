import { describe, expect, test } from 'vitest';
import { isAlive, npmStart } from '../support/npm-start.ts';
import { until } from '../support/until.ts';

/** As README.md promises it for the service. */
const stopMs = 10_000;

describe.skipIf(process.platform === 'win32')('npm start', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 within 10 s at %s to npm alone, and leaves neither a process nor a port',
    async (signal) => {
      const { npm, service, ended, logged, isListening } = await npmStart();
      expect(service).not.toBe(npm);
      expect(await isListening()).toBe(true);
      const beforeMs = performance.now();

      process.kill(npm, signal);

      expect(await ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - beforeMs).toBeLessThan(stopMs);
      expect(logged('Stopping')).toMatchObject([{ signal }]);
      expect(isAlive(service)).toBe(false);
      expect(await isListening()).toBe(false);
    },
  );

  test.each([
    ['SIGINT', 'Ctrl-C in a terminal'],
    ['SIGTERM', 'a supervisor'],
  ] as const)(
    'takes %s for one signal when %s sends it to all its processes and npm passes it on',
    async (signal, _sender) => {
      const { ended, service, logged, signalGroup } = await npmStart();

      signalGroup(signal);

      expect(await ended).toEqual({ code: 0, signal: null });
      expect(logged('Stopping')).toMatchObject([{ signal }]);
      expect(isAlive(service)).toBe(false);
    },
  );

  test.each([
    ['SIGKILL', 'npm alone'],
    ['SIGHUP', 'npm alone'],
    ['SIGHUP', 'all processes, as a terminal that is closed'],
  ] as const)('stops the service by itself after %s to %s', async (signal, target) => {
    const { npm, ended, service, logged, isListening, signalGroup } = await npmStart();

    if (target === 'npm alone') {
      process.kill(npm, signal);
    } else {
      signalGroup(signal);
    }

    expect(await ended).toEqual({ code: null, signal });
    await until(() => !isAlive(service));
    expect(logged('Stopping')).toMatchObject([{ reason: 'npm is gone' }]);
    expect(await isListening()).toBe(false);
  });
});
