import type { Command } from '../domain/commands.ts';
import type { OutcomeOf } from '../domain/outcomes.ts';

/**
 * Why a command was not decided:
 * - `overloaded`: the queue was full, or the command waited too long; it never runs.
 * - `database_unavailable`: nothing was changed, or the idempotency key finds out.
 * - `shutting_down`: the process takes nothing new.
 * - `internal_error`: a defect. Its cause is for the log of whoever submitted the command.
 */
export type Failure =
  | { readonly kind: 'failed'; readonly code: 'overloaded' | 'database_unavailable' | 'shutting_down' }
  | { readonly kind: 'failed'; readonly code: 'internal_error'; readonly cause: unknown };

/** What a command came to. It has the facts of the moment right after the command, whatever follows in the same batch. */
export type Answer<C extends Command> = { readonly outcome: OutcomeOf<C> | Failure };

/** Takes commands and answers each one once it is durable. Never rejects. */
export interface CommandSink {
  submit<C extends Command>(command: C): Promise<Answer<C>>;
}
