import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../test/support/servers.ts';
import { median } from '../measure/compare.ts';
import { endWithThisProcess } from '../measure/end-with-this-process.ts';
import { serverVariables, startCheckout } from '../measure/measured-checkout.ts';
import { inCheckout, neutralPlace, nodeFlags } from '../measure/node-process.ts';
import { say } from '../measure/progress.ts';
import type { Limit } from './limit.ts';

/** How often it is asked: a shorter pause would take the processor from what starts. */
const everyMs = 2;
const patienceMs = 20_000;

/** From the start of the process to its first answer that it is ready, with a database that is there. */
export const measureStart: Limit = async (databases, folder, { starts }) => {
  const database = await databases.create();
  try {
    // Makes the tables, and what Node keeps of compiled code from one start to the next.
    await (await startCheckout(database.url, folder)).stop();
    const samples: number[] = [];
    for (let nth = 0; nth < starts; nth += 1) {
      samples.push((await startOnce(database.url, join(folder, 'start.log'))) / 1000);
    }
    say(`${databases.name}: ${samples.map((seconds) => seconds.toFixed(2)).join(', ')} s`);
    const how = `${await databases.text()}, migrated; from spawning node as npm start does to the first 200 of GET /readyz, the code compiled by an earlier start, median of ${starts}`;
    return {
      measurements: [
        {
          name: `start to first answer, ${databases.name}`,
          value: median(samples),
          unit: 's',
          samples,
          target: { atMost: 0.6 },
          how,
        },
      ],
      series: [],
    };
  } finally {
    await database.close();
  }
};

/** @returns how long it took, in ms */
async function startOnce(databaseUrl: string, logFile: string): Promise<number> {
  const port = await freePort();
  const place = neutralPlace({
    ...serverVariables(logFile),
    DATABASE_URL: databaseUrl,
    SEED: 'false',
    PORT: String(port),
  });
  const startedMs = performance.now();
  const node = spawn(process.execPath, [...nodeFlags, inCheckout('src/main.ts'), 'serve'], {
    ...place,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  endWithThisProcess(node);
  const exited = once(node, 'exit');
  try {
    while (!(await isReady(port))) {
      if (node.exitCode !== null || performance.now() - startedMs > patienceMs) {
        throw new Error(
          `expected the server to be ready within ${patienceMs} ms, got ${node.exitCode === null ? 'no answer of 200' : `its end with ${node.exitCode}`}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    return performance.now() - startedMs;
  } finally {
    node.kill('SIGTERM');
    await exited;
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () =>
      socket.write('GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'),
    );
    socket.on('data', (chunk: Buffer) => {
      resolve(chunk.toString().startsWith('HTTP/1.1 200'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}
