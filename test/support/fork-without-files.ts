/** A primary process that makes a server process when it may open no more files: it writes how that one ended. */
import { openSync } from 'node:fs';
import { loadConfig } from '../../src/config/config.ts';
import { ServerProcess } from '../../src/processes/server-process.ts';

if (import.meta.main) {
  openAll();
  const ignore = () => {};
  const collectMetrics = async () => ({ processes: 1, answers: [] });
  const listener = {
    listening: ignore,
    ready: ignore,
    snapshots: ignore,
    second: ignore,
    collectMetrics,
    logged: ignore,
  };
  const { ended } = new ServerProcess(() => ({ config: loadConfig({}), simulatedSecret: '' }), listener);
  process.stdout.write(JSON.stringify(await ended));
}

function openAll(): void {
  for (;;) {
    try {
      openSync('/dev/null', 'r');
    } catch {
      return;
    }
  }
}
