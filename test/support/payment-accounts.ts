import { toMinor } from '../../src/domain/money.ts';
import { fromStripeAmount } from '../../src/payments/stripe/stripe-amounts.ts';
import type { Body } from './checkout-client.ts';
import type { StripeCharge, StripeDispute, StripeLedger, StripeRefund } from './stripe-ledger.ts';

/** Where the money of one payment is, in minor units. */
type Account = {
  readonly payment: string;
  readonly currency: string;
  readonly returned: number;
  readonly lost: number;
};

/** Where the provider has the money of a payment. */
export function providerAccount(
  ledger: StripeLedger,
  charge: StripeCharge,
): Account & { readonly left: number } {
  const { currency, minor } = providerMoney(charge);
  const ofCharge = <Item extends { readonly charge: string }>(items: readonly Item[]) =>
    items.filter((item) => item.charge === charge.id);
  const sum = (items: readonly { readonly amount: number; readonly currency: string }[]) =>
    items.reduce((total, item) => total + providerMoney(item).minor, 0);
  const returned = sum(ofCharge(ledger.refunds).filter(({ status }) => status !== 'failed'));
  const lost = sum(ofCharge(ledger.disputes).filter(({ status }) => status === 'lost'));
  return { payment: charge.payment_intent, currency, returned, lost, left: minor - returned - lost };
}

/** What the lists of the service say of payments. */
export class ServiceBooks {
  readonly #orders: readonly Body[];
  readonly #orderById: ReadonlyMap<number, Body>;
  readonly #refunds: ReadonlyMap<string, Body>;
  readonly #refundIds: ReadonlySet<string>;
  readonly #disputes: readonly Body[];
  readonly #lost = new Map<string, number>();

  constructor(orders: readonly Body[], refunds: readonly Body[], disputes: readonly Body[]) {
    this.#orders = orders;
    this.#orderById = new Map(orders.map((order) => [order.order_id, order]));
    this.#refunds = new Map(refunds.map((refund) => [intentOf(refund), refund]));
    this.#refundIds = new Set(refunds.map(({ refund_id }) => String(refund_id)));
    this.#disputes = disputes;
    for (const dispute of disputes.filter(({ status }) => status === 'lost')) {
      const intent = intentOf(dispute);
      const minor = serviceMinor(dispute.amount, dispute.currency);
      this.#lost.set(intent, (this.#lost.get(intent) ?? 0) + minor);
    }
  }

  /** Where the service has the money of a payment: kept for its paid order, returned, lost, or due. */
  accountOf(charge: StripeCharge): Account & { readonly kept: number; readonly due: number } {
    const { payment_intent: payment } = charge;
    const { currency } = providerMoney(charge);
    const lost = this.#lost.get(payment) ?? 0;
    const refund = this.#refunds.get(payment);
    const order = this.#orderById.get(orderIdOf(charge, this.#orders));
    const isOwed = refund !== undefined && !['returned', 'returned_in_part'].includes(refund.reason);
    if (!isOwed) {
      const returned = refund === undefined ? 0 : serviceMinor(refund.amount, refund.currency);
      const total = order?.status === 'paid' ? serviceMinor(order.total, order.currency) : returned + lost;
      return { payment, currency, returned, lost, kept: total - returned - lost, due: 0 };
    }
    // What has gone of an owed sum has the lost disputes in it.
    const owed = serviceMinor(refund.amount, refund.currency);
    const gone = refund.status === 'due' ? serviceMinor(refund.returned ?? 0, refund.currency) : owed;
    return { payment, currency, returned: gone - lost, lost, kept: 0, due: owed - gone };
  }

  /** Whether a refund at the provider is one of the service's, or was made by hand. */
  hasSent({ metadata }: StripeRefund): boolean {
    const id = metadata.flash_sale_refund_id;
    return id === undefined || this.#refundIds.has(id);
  }

  disputeTexts(): readonly string[] {
    return this.#disputes
      .map((dispute) => {
        const { dispute_id, amount, currency, status } = dispute;
        return [dispute_id, intentOf(dispute), serviceMinor(amount, currency), currency, status].join(' ');
      })
      .toSorted();
  }
}

/** A dispute at the provider, in the words of the service. */
export function disputeText(dispute: StripeDispute): string {
  const { minor, currency } = providerMoney(dispute);
  const status = dispute.status === 'needs_response' ? 'open' : dispute.status;
  return [dispute.id, dispute.payment_intent, minor, currency, status].join(' ');
}

/** The provider's id of the payment that a refund or a dispute of the service is of. */
export function intentOf(item: Body): string {
  const name: unknown = item.payment;
  if (typeof name !== 'string') {
    throw new Error(`expected the name of a payment, got ${JSON.stringify(name)}`);
  }
  return name.replace(/^ref:/, '');
}

/** By the order's own id, or by the hold that was paid before the order was there. */
export function orderIdOf({ metadata }: StripeCharge, orders: readonly Body[]): number {
  const orderId = Number(metadata.flash_sale_order_id ?? 0);
  return orderId === 0
    ? (orders.find(({ hold_id }) => hold_id === Number(metadata.flash_sale_hold_id))?.order_id ?? 0)
    : orderId;
}

/** Money of a charge, a refund or a dispute at the provider. */
export function providerMoney(at: { readonly amount: number; readonly currency: string }) {
  const currency = at.currency.toUpperCase();
  return { currency, minor: exact(fromStripeAmount(at.amount, currency)) };
}

function serviceMinor(amount: number, currency: string): number {
  return exact(toMinor(amount, currency));
}

function exact(minor: number | null): number {
  if (minor === null) {
    throw new Error('an amount has a part of a minor unit');
  }
  return minor;
}
