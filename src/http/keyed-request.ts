import { createHash } from 'node:crypto';
import type { KeyedRequest } from '../domain/request-key.ts';
import { idempotencyKeyHeaders } from './schemas/values.ts';

/** The header of a POST of the admin API. */
export const operatorKeyHeaders = idempotencyKeyHeaders(
  'Makes a retry safe: the same key with the same values gives the same answer, with one effect. Random, a UUID. It is kept for 48 hours.',
);

/**
 * The `Idempotency-Key` of a request with a digest of what was asked for. The digest stands for the values because a database keeps 64
 * characters of them, and a name or a reason may be longer.
 *
 * @param values as they were validated and read, so that two spellings of one value are the same
 */
export function keyedRequest(
  headers: { readonly 'idempotency-key'?: string },
  ...values: readonly (string | number | boolean | null | undefined)[]
): KeyedRequest | undefined {
  const key = headers['idempotency-key'];
  return key === undefined
    ? undefined
    : { key, fingerprint: createHash('sha256').update(JSON.stringify(values)).digest('hex') };
}

/** Marks an answer that an earlier request with the same key got. */
export function markReplay(
  reply: { header(name: string, value: string): unknown },
  { replayed }: { readonly replayed?: boolean },
): void {
  if (replayed === true) {
    reply.header('idempotency-replayed', 'true');
  }
}
