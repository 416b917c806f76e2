import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
  }
});

function run(behaviour: string) {
  const child = spawn(process.execPath, ['test/support/run-service.ts', behaviour]);
  started.push(child);
  const seen = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    seen.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    seen.stderr += chunk;
  });
  const closed = once(child, 'close');
  return {
    seen,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    says: (word: string) => vi.waitUntil(() => seen.stderr.includes(word), { interval: 5, timeout: 30_000 }),
    exitCode: async () => (await closed)[0],
  };
}

describe('a service', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops at %s, writes its log and exits with 0', async (signal) => {
    const service = run('stops');
    await service.says('ready');
    service.kill(signal);
    expect(await service.exitCode()).toBe(0);
    expect(service.seen.stderr).toBe('ready\nstopping\n');
    expect(JSON.parse(service.seen.stdout)).toMatchObject({ msg: 'Stopping', signal });
  });

  it('can be stopped before it is ready, and is then never called ready', async () => {
    const service = run('never-ready');
    await service.says('started');
    service.kill('SIGTERM');
    expect(await service.exitCode()).toBe(0);
    expect(service.seen.stderr).toBe('started\nstopping\n');
  });

  it('ends at once with 1 at a second signal', async () => {
    const service = run('stops-never');
    await service.says('ready');
    service.kill('SIGTERM');
    await service.says('stopping');
    service.kill('SIGTERM');
    expect(await service.exitCode()).toBe(1);
  });

  it('ends with 1 and says so when stopping takes too long', async () => {
    const service = run('stops-too-slowly');
    await service.says('ready');
    service.kill('SIGTERM');
    expect(await service.exitCode()).toBe(1);
    expect(service.seen.stderr).toContain('\nflash-sale: did not stop within 0.001 s, ending all the same\n');
  });

  it.each([
    ['crashes', 'nobody catches this'],
    ['fails-later', 'never ready'],
  ])('that %s ends with 1, one line, and the stack in the log', async (behaviour, message) => {
    const service = run(behaviour);
    expect(await service.exitCode()).toBe(1);
    expect(service.seen.stderr.replace('ready\n', '')).toBe(
      'flash-sale: ended by an unexpected error, the log has its stack\n',
    );
    const line = JSON.parse(service.seen.stdout);
    expect(line).toMatchObject({ level: 'fatal', msg: 'Unexpected error, the process ends' });
    expect(line.err.stack).toContain(`Error: ${message}\n    at `);
  });

  it('leaves it to its caller to tell why it did not start', async () => {
    const service = run('does-not-start');
    expect(await service.exitCode()).toBe(3);
    expect(service.seen.stderr).toBe('no start\n');
  });
});
