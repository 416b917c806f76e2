import type { Command } from '../../src/domain/commands.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Outcome } from '../../src/domain/outcomes.ts';
import type { PaymentEvent } from '../../src/domain/payment.ts';
import type { Refund } from '../../src/domain/refund.ts';
import type { Failure } from '../../src/engine/answer.ts';
import type { Shop, Step } from './plan.ts';

/** What a node answered. */
export type Reply = Exclude<Outcome, { readonly kind: 'deferred' }> | Failure;

/** One request and what its sender learned of it. Instants are of the true time, in ms. */
export type Exchange = {
  readonly step: Step;
  /** Counts how often the step was tried. */
  readonly attempt: number;
  readonly node: number;
  readonly command: Command;
  readonly sentMs: number;
  /** Null when no answer came: then nobody knows whether it took place. */
  readonly answered: { readonly atMs: number; readonly reply: Reply } | null;
};

/** What the lists of an operator show when everything has come to rest. */
export type Books = {
  readonly products: readonly { readonly id: number; readonly stock: number; readonly held: number }[];
  readonly holds: readonly Hold[];
  readonly orders: readonly Order[];
  readonly events: readonly PaymentEvent[];
  readonly refunds: readonly Refund[];
};

/** All that an outsider knows of a run. */
export type History = {
  readonly shop: Shop;
  /** How far the database's clock may have been from the true time. */
  readonly clockErrorMs: number;
  /** In the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  readonly books: Books;
};
