import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for a database server of this run. */
    readonly serversUrl: string;
  }
}

/** One set of servers for all test files of a run. Nothing is started before a test asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const child = fork(new URL('./servers-process.ts', import.meta.url), { execArgv: [] });
  const [url] = await once(child, 'message');
  project.provide('serversUrl', String(url));
  return async () => {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  };
}
