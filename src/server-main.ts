import './quick-start.js';
import { failureOf } from './cli/failure.ts';
import { runService } from './cli/run-service.ts';
import { keepCompiled } from './compile-cache.ts';
import { PrimaryLink } from './processes/primary-link.ts';
import { createLogger } from './telemetry/logger.ts';

/**
 * The entry of one of several server processes. It is the primary process that says when this one ends: a signal
 * to the whole group, such as Ctrl-C or that of a supervisor, reaches that one too.
 */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => undefined);
}

const primary = new PrimaryLink();
const { config, simulatedSecret } = await primary.started;
try {
  // Stdout is a pipe to the primary process, which owns the log file.
  const { logLevel } = config;
  const pipeline = createLogger({ logLevel, logFile: null }, { stdout: process.stdout, pid: process.pid });
  await runService(
    pipeline,
    async () => {
      const { startServer } = await import('./app.ts');
      const server = await startServer(config, {
        log: pipeline.log,
        siblings: primary,
        seconds: primary.seconds,
        simulatedSecret,
      });
      await primary.tell({ kind: 'listening', url: server.url });
      return { ready: server.databaseReady, stop: server.stop };
    },
    () => {
      primary.tell({ kind: 'ready' });
      keepCompiled();
    },
    { toldToEnd: primary.toldToEnd },
  );
} catch (error) {
  const { line, exitCode } = failureOf(error);
  await primary.tell({ kind: 'failed', line: line ?? '', exitCode });
  process.exit(exitCode);
}
