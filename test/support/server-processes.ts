import { CheckoutClient } from './checkout-client.ts';
import { type CheckoutProcess, type ProcessOptions, startProcess } from './checkout-process.ts';
import { until } from './until.ts';

/** Starts the service as several processes, and waits until all are ready. */
export function startProcesses(processes: number, options: ProcessOptions): Promise<CheckoutProcess> {
  return startProcess({
    ...options,
    variables: { PROCESSES: String(processes), REQUEST_TIMEOUT_MS: '30000', ...options.variables },
  });
}

/** The server processes that were ready so far, in that order; the latest one last. */
export function readyPids(
  checkout: CheckoutProcess,
  fields: { readonly with_worker?: boolean } = {},
): number[] {
  return checkout.logged('Server process is ready', fields).map((line) => Number(line.ready_pid));
}

/** Waits until so many server processes have been ready since the start. */
export async function untilReady(
  checkout: CheckoutProcess,
  count: number,
  fields: { readonly with_worker?: boolean } = {},
): Promise<number[]> {
  await until(() => readyPids(checkout, fields).length >= count);
  return readyPids(checkout, fields);
}

/** A client of one server process: it has one connection only, and keeps it. */
export type PinnedClient = { readonly client: CheckoutClient; readonly pid: number };

/** One client for each server process. */
export async function clientOfEach(checkout: CheckoutProcess, processes: number): Promise<PinnedClient[]> {
  const productId = await checkout.createProduct({ stock: 1_000 });
  const pinned = new Map<number, PinnedClient>();
  while (pinned.size < processes) {
    const client = new CheckoutClient(checkout.url, '', 1);
    const { body } = await client.hold(productId);
    const pid = await until(
      () => checkout.logged('Hold created', { hold_id: body.hold_id })[0]?.pid as number | undefined,
    );
    if (pinned.has(pid)) {
      client.hangUp();
    } else {
      pinned.set(pid, { client, pid });
    }
  }
  return [...pinned.values()];
}
