import { writeSync } from 'node:fs';
import { startServer } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import { decide } from '../../src/domain/decide.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

/**
 * The service on a host that stands still at the worst moment: in the transaction of its first order, when
 * the product is locked and nothing is written yet. It says `frozen` then, and goes on by `SIGCONT`.
 */
const config = loadConfig(process.env);
const { log } = createLogger(config, { stdout: null });
let freezes = true;
const server = await startServer(config, {
  log,
  decide: (state, commands, rules, newId) => {
    if (freezes && commands.some(({ kind }) => kind === 'create_order')) {
      freezes = false;
      writeSync(process.stderr.fd, 'frozen\n');
      process.kill(process.pid, 'SIGSTOP');
    }
    return decide(state, commands, rules, newId);
  },
});
await server.databaseReady;
process.stderr.write(`ready at ${server.url}\n`);
