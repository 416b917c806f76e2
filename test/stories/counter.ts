import type { Command } from '../../src/domain/commands.ts';
import type { Asked, Reply } from '../history/history.ts';

/** What buyers, providers and operators ask for. Ids that nodes make are there too; where a node makes its own, they are not sent. */
export type Request = Extract<Command, { readonly kind: Asked['kind'] }>;

/** Where everybody comes to ask the nodes of a sale, which may be far, slow, dead or simulated. */
export interface Counter {
  readonly nodes: number;
  /** Since the sale began. */
  readonly nowMs: number;
  pause(ms: number): Promise<void>;
  /** Resolves to null when nothing was answered in time. */
  ask(node: number, request: Request): Promise<Reply | null>;
  /** Has a worker look for what there is to do, where that is not left to the worker. */
  work(node: number, kind: 'expire' | 'recheck'): void;
  /** As an operator sees them. */
  refundsDue(): Promise<readonly number[]>;
}
