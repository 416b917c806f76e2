import { keepCompiled } from '../compile-cache.ts';
import type { Config } from '../config/options.ts';
import { assertDatabaseIsShared } from '../config/several-processes.ts';
import { assertSimulationIsMeant } from '../config/simulated-payments.ts';
import { assertEventsCanBeTrusted } from '../config/unsigned-events.ts';
import { builtPages } from '../node/built-pages.ts';
import { createLogger } from '../telemetry/logger.ts';
import { banner } from './banner.ts';
import { configFrom, type Flags, warnOfPlainEndpoints, warnOfTestKey } from './config-flags.ts';
import { warnOfOpenFiles } from './open-files.ts';
import { runService } from './run-service.ts';

/** Serves the API until the process is told to end, by this process or by several others. */
export async function serve(flags: Flags): Promise<void> {
  const config = configFrom(flags);
  warnOfPlainEndpoints(config);
  warnOfTestKey(config);
  await (config.processes === 1 ? serveAlone(config) : serveByProcesses(config));
}

async function serveAlone(config: Config): Promise<void> {
  const { startServer } = await import('../app.ts');
  const pipeline = createLogger(config, { stdout: process.stdout });
  warnOfOpenFiles(config, pipeline.log);
  let url = '';
  await runService(
    pipeline,
    async () => {
      const server = await startServer(config, { log: pipeline.log });
      url = server.url;
      return { ready: server.databaseReady, stop: server.stop };
    },
    () => {
      process.stderr.write(banner(shown(config), url));
      keepCompiled();
    },
  );
}

/** Without what a server is made of, which this process would only load. */
async function serveByProcesses(config: Config): Promise<void> {
  assertEventsCanBeTrusted(config);
  assertSimulationIsMeant(config);
  assertDatabaseIsShared(config);
  const { ServerProcesses } = await import('../processes/server-processes.ts');
  const pipeline = createLogger(config, { stdout: process.stdout, pid: process.pid });
  warnOfOpenFiles(config, pipeline.log);
  const servers = new ServerProcesses(config, pipeline);
  let url = '';
  await runService(
    pipeline,
    async () => {
      url = await servers.start();
      return { ready: servers.ready, stop: () => servers.stop() };
    },
    () => process.stderr.write(banner(shown(config), url)),
  );
}

/** Without pages that are not there. */
function shown(config: Config): Config {
  return { ...config, pages: builtPages(config) !== undefined };
}
