import { runService } from '../../src/cli/run-service.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/**
 * A service without a server: `node run-service.ts <behaviour>`. It says `ready` and `stopping` on stderr and
 * logs on stdout. Its interval stands for what keeps a real one running.
 */
const behaviour = process.argv[2];
const pipeline = createLogger({ logLevel: 'info', logFile: null }, { stdout: process.stdout });
setInterval(() => undefined, 1000);

const hangs = behaviour === 'stops-never' || behaviour === 'stops-too-slowly';

await runService(
  pipeline,
  () => {
    if (behaviour === 'does-not-start') {
      throw new Error('no start');
    }
    return {
      ready: readiness(),
      stop: async () => {
        process.stderr.write('stopping\n');
        if (hangs) {
          await new Promise(() => undefined);
        }
      },
    };
  },
  () => {
    process.stderr.write('ready\n');
    if (behaviour === 'crashes') {
      setImmediate(() => {
        throw new Error('nobody catches this');
      });
    }
  },
  behaviour === 'stops-too-slowly' ? { stopMs: 1 } : {},
).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(3);
});

function readiness(): Promise<void> {
  switch (behaviour) {
    case 'never-ready':
      process.stderr.write('started\n');
      return new Promise(() => undefined);
    case 'fails-later':
      return Promise.reject(new Error('never ready'));
    default:
      return Promise.resolve();
  }
}
