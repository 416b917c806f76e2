/** For each migration after the first two what takes it away again, newest first. For tests of databases of older versions. */
const undoing = {
  '0006_refused_payments': ['drop table refused_payments'],

  '0005_operators': ['drop table operator_decisions', 'alter table request_keys drop column receipt_id'],

  '0004_facts_about_payments': [
    'drop table disputes',
    ...['receipt_id', 'fact_id', 'occurred_at'].map(
      (column) => `alter table idempotency_keys drop column ${column}`,
    ),
    'alter table payments drop column decision',
    ...[
      'owed_minor',
      'returned_minor',
      'sent_minor',
      'sends',
      'looked_up_minor',
      'looked_up_at',
      'attempt_minor',
      'leased_until',
      'summed_status',
    ].map((column) => `alter table refunds drop column ${column}`),
  ],

  '0003_search_indexes': [
    'drop index idempotency_keys_reference',
    'drop index refunds_hold',
    'drop index outgoing_events_hold',
  ],
} as const satisfies Record<string, readonly string[]>;

/**
 * Statements that make a database of today one of the version that ended with the migration `last`. Its rows stay, as far as that
 * version had columns for them.
 */
export function olderSchema(last: '0002_payments_and_events' | '0003_search_indexes'): readonly string[] {
  return Object.entries(undoing)
    .filter(([name]) => name > last)
    .flatMap(([name, statements]) => [...statements, `delete from kysely_migration where name = '${name}'`]);
}
