import { join } from 'node:path';
import { adminToken, CheckoutClient } from '../../test/support/checkout-client.ts';
import { startNode } from './node-process.ts';

/** Variables of every server that is measured: the log as by default, to stdout and to a file. */
export function serverVariables(logFile: string): Readonly<Record<string, string>> {
  return {
    PORT: '0',
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    LOG_FILE: logFile,
    ADMIN_TOKEN: adminToken,
  };
}

/** Holds of a load stay live behind it. */
export const longHolds = { HOLD_SECONDS: '86400' } as const;

/** The service in a process of its own, without demo products. */
export type MeasuredCheckout = {
  readonly client: CheckoutClient;
  readonly pid: number;
  readonly logFile: string;
  stop(): Promise<void>;
};

/** Starts it and waits until it is ready. */
export async function startCheckout(
  databaseUrl: string,
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<MeasuredCheckout> {
  const logFile = join(folder, `checkout-${process.hrtime.bigint()}.log`);
  const node = await startNode('src/main.ts', ['serve'], {
    ...serverVariables(logFile),
    DATABASE_URL: databaseUrl,
    SEED: 'false',
    ...variables,
  });
  const client = new CheckoutClient(node.url, logFile);
  return {
    client,
    pid: node.pid,
    logFile,
    stop: async () => {
      client.hangUp();
      await node.stop();
    },
  };
}

/** @throws Error unless every counter and rule agrees with the rows */
export async function assertClean({ client }: MeasuredCheckout): Promise<void> {
  const differences = await client.auditDifferences();
  if (differences.length > 0) {
    throw new Error(`the audit is not clean: ${JSON.stringify(differences)}`);
  }
}
