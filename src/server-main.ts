import './quick-start.js';

/**
 * The entry of one of several server processes. The primary process ends this one and owns the log file: a signal to the whole group,
 * such as Ctrl-C or that of a supervisor, reaches the primary process too.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

// Imported behind the listeners: a signal that comes while Node loads the rest would end this process.
const { failureOf } = await import('./cli/failure.ts');
const { runService } = await import('./cli/run-service.ts');
const { keepCompiled } = await import('./compile-cache.ts');
const { PrimaryLink } = await import('./processes/primary-link.ts');
const { createLogger } = await import('./telemetry/logger.ts');

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
