import type { CheckoutClient } from '../../test/support/checkout-client.ts';
import { Metrics } from '../../test/support/metrics.ts';

/** Committed batches, and the commands in them, since the service was started. */
export type Batches = { readonly batches: number; readonly commands: number };

export async function batchesOf(client: CheckoutClient): Promise<Batches> {
  const metrics = new Metrics((await client.get('/metrics')).text);
  return {
    batches: metrics.find('flash_sale_batch_commands_count') ?? 0,
    commands: metrics.find('flash_sale_batch_commands_sum') ?? 0,
  };
}

/** How many commands were in a batch, in the mean, between two readings. */
export function meanBatch(before: Batches, after: Batches): number {
  return (after.commands - before.commands) / Math.max(1, after.batches - before.batches);
}
