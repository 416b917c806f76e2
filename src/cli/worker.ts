import { startWorker } from '../app.ts';
import { createLogger } from '../telemetry/logger.ts';
import { withoutCredentials } from './banner.ts';
import { configFrom, type Flags, warnOfPlainEndpoints, warnOfTestKey } from './config-flags.ts';
import { warnOfOpenFiles } from './open-files.ts';
import { runService } from './run-service.ts';

/** Does the housekeeping without serving, until the process is told to end. */
export async function worker(flags: Flags): Promise<void> {
  const config = configFrom(flags);
  warnOfPlainEndpoints(config);
  warnOfTestKey(config);
  const pipeline = createLogger(config, { stdout: process.stdout });
  warnOfOpenFiles(config, pipeline.log);
  await runService(
    pipeline,
    async () => {
      const running = await startWorker(config, { log: pipeline.log });
      return { ready: running.databaseReady, stop: running.stop };
    },
    () =>
      process.stderr.write(
        `Flash-sale worker is ready\nDatabase: ${withoutCredentials(config.databaseUrl)}\n`,
      ),
  );
}
