import type { Kysely } from 'kysely';
import type { SqlDialect } from './dialects/dialect.ts';
import type { Once, Outbox, OutboxRequest, OutboxWrites } from './outbox.ts';
import type { RowMapping } from './rows.ts';
import { SqlOutbox } from './sql-outbox.ts';
import type { Tables } from './tables.ts';

/**
 * A conflict means that another transaction has written the key, or the row of an endpoint, first. The next run finds both, so a third
 * conflict is not possible.
 */
const runsMax = 3;

/** Does what an operator asks of the outbox once for an `Idempotency-Key`: the key is written in the transaction of the effect. */
export function onceOf(dialect: SqlDialect, rows: RowMapping): Outbox['once'] {
  return async <Answer>(
    request: OutboxRequest | null,
    work: (outbox: OutboxWrites) => Promise<Answer | null>,
  ) => {
    for (let run = 1; ; run += 1) {
      try {
        return await dialect.writer
          .transaction()
          .execute((transaction) => runOnce(transaction, dialect, rows, request, work));
      } catch (error) {
        if (dialect.classify(error, 'work')?.kind !== 'conflict' || run === runsMax) {
          throw error;
        }
      }
    }
  };
}

async function runOnce<Answer>(
  transaction: Kysely<Tables>,
  dialect: SqlDialect,
  rows: RowMapping,
  request: OutboxRequest | null,
  work: (outbox: OutboxWrites) => Promise<Answer | null>,
): Promise<Once<Answer>> {
  const known =
    request === null
      ? undefined
      : await transaction
          .selectFrom('request_keys')
          .selectAll()
          .where('idempotency_key', '=', request.key)
          .where('scope', '=', request.scope)
          .executeTakeFirst();
  if (known !== undefined) {
    return known.fingerprint === request?.fingerprint
      ? { kind: 'done', answer: JSON.parse(known.answer) as Answer, replayed: true }
      : { kind: 'reused' };
  }
  const db = { reader: transaction, writer: transaction };
  const answer = await work(new SqlOutbox({ ...dialect, ...db }, rows));
  if (answer === null) {
    return { kind: 'refused' };
  }
  if (request !== null) {
    const { scope, key, fingerprint } = request;
    const nowMs = await dialect.readClock(transaction);
    await dialect.insert(transaction, 'request_keys', [
      {
        scope,
        idempotency_key: key,
        fingerprint,
        answer: JSON.stringify(answer),
        created_at: dialect.codec.encodeInstant(nowMs),
        receipt_id: null,
      },
    ]);
  }
  return { kind: 'done', answer, replayed: false };
}
