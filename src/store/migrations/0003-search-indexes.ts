import type { SchemaSteps } from './migrations.ts';

/**
 * What an operator looks for, who knows a hold or what the provider calls a payment, is found without reading a whole table. Indexes only:
 * the version before this one does not notice them.
 */
export function searchIndexes(): SchemaSteps {
  return (schema) => [
    schema
      .createIndex('idempotency_keys_reference')
      .on('idempotency_keys')
      .columns(['payment_reference', 'id']),
    schema.createIndex('refunds_hold').on('refunds').columns(['hold_id', 'created_at']),
    schema.createIndex('outgoing_events_hold').on('outgoing_events').columns(['hold_id', 'created_at']),
  ];
}
