import type { ApplyPaymentEvent } from '../../domain/commands.ts';
import type { StripeFieldError, StripeIds, StripeObject } from './stripe-fields.ts';

/** An event with what its object says of it, after the checks that all events pass. */
export type StripeSnapshot = {
  readonly id: string;
  readonly type: string;
  /** When Stripe says that it happened, in ms since 1970; null: not said. */
  readonly createdAtMs: number | null;
  readonly object: StripeObject;
  /** Null: the object carries none of our ids. */
  readonly ids: StripeIds | null;
};

/** Why an event that carries our ids is ignored. `act`: an operator has to change a setting, or a payment is lost. */
export type StripeIgnored = {
  readonly ids: StripeIds;
  readonly reason: string;
  readonly level: 'note' | 'act';
};

/**
 * What an event asks for: a command, or nothing; else what is wrong with it. `thin`: the event has no object, because its endpoint at
 * Stripe is set up for thin events.
 */
export type StripeEventMeaning =
  | { readonly kind: 'command'; readonly command: ApplyPaymentEvent }
  | { readonly kind: 'nothing'; readonly ignored?: StripeIgnored }
  | { readonly kind: 'thin' }
  | { readonly kind: 'malformed'; readonly errors: readonly StripeFieldError[] };

/** An event of another shop on the same account leaves no trace; one that carries our ids is logged. */
export function ignoring(
  ids: StripeIds | null,
  reason: string,
  level: StripeIgnored['level'] = 'note',
): StripeEventMeaning {
  return ids === null ? { kind: 'nothing' } : { kind: 'nothing', ignored: { ids, reason, level } };
}

export function malformed(...errors: readonly StripeFieldError[]): StripeEventMeaning {
  return { kind: 'malformed', errors };
}
