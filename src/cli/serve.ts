import { startServer } from '../app.ts';
import { createLogger } from '../telemetry/logger.ts';
import { banner } from './banner.ts';
import { configFrom, type Flags } from './config-flags.ts';
import { runService } from './run-service.ts';

/** Serves the API until the process is told to end. */
export async function serve(flags: Flags): Promise<void> {
  const config = configFrom(flags);
  const pipeline = createLogger(config, { stdout: process.stdout });
  let url = '';
  await runService(
    pipeline,
    async () => {
      const server = await startServer(config, { log: pipeline.log });
      url = server.url;
      return { ready: server.databaseReady, stop: server.stop };
    },
    () => process.stderr.write(banner(config, url)),
  );
}
