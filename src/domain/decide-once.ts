import type { Draft } from './draft.ts';
import type { NextRelease } from './next-release.ts';
import type { Deferred, OutcomeOf, Refusal } from './outcomes.ts';
import {
  type OperatorAnswer,
  type OperatorCommand,
  operatorScopes,
  type RequestKey,
  requestKeyName,
} from './request-key.ts';

type Decided<C extends OperatorCommand> = OutcomeOf<C, NextRelease> | Deferred;

/**
 * Decides an operator's command once for its `Idempotency-Key`: the same request again gets the stored answer. Another request under
 * the key is refused. A refusal is not stored, so the same request after it is decided from what is there by then.
 */
export function decideOnce<C extends OperatorCommand>(
  draft: Draft,
  command: C,
  decide: (draft: Draft, command: C) => Decided<C>,
): Decided<C> | Refusal<NextRelease> {
  const { requestKey, receiptId } = command;
  if (requestKey === undefined) {
    return decide(draft, command);
  }
  const scope = operatorScopes[command.kind];
  const { key, fingerprint } = requestKey;
  const name = requestKeyName(scope, key);
  const known = draft.requestKeys.get(name);
  if (known !== undefined) {
    if (known.fingerprint !== fingerprint) {
      return { kind: 'refused', code: 'idempotency_key_reused' };
    }
    // A scope has the answers of its own kind of command. After a commit with an unknown outcome the key is this command's own.
    const answer = known.answer as OutcomeOf<C, NextRelease> & OperatorAnswer;
    return receiptId !== undefined && known.receiptId === receiptId ? answer : { ...answer, replayed: true };
  }
  const outcome = decide(draft, command);
  if (outcome.kind !== 'refused' && outcome.kind !== 'deferred') {
    const answer = outcome as OperatorAnswer;
    const own = receiptId === undefined ? {} : { receiptId };
    const row: RequestKey = { scope, key, fingerprint, answer, createdAtMs: draft.nowMs, ...own };
    draft.requestKeys.insert(name, row);
  }
  return outcome;
}
