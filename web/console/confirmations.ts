import type {
  ListedOrder,
  ListedPaymentEvent,
  NewProduct,
  Refund,
} from '../../src/client/checkout-client.ts';
import { countText, moneyText } from '../number-text.ts';
import { countOf, saleTimeText } from './format.ts';
import type { SaleProduct } from './sale-messages.ts';

/**
 * The question before a change that affects buyers or money at once: of a price, of stock, of a refund, and the opening or closing of a
 * sale. There is no threshold: it would miss 899 for 899000 in one currency and 90 for 99 in another, and these changes are rare. Other
 * changes, such as resending an event, need no question.
 */
export type Confirmation = {
  readonly title: string;
  /** The consequences. */
  readonly sentences: readonly string[];
  /** The text of the button that confirms. */
  readonly label: string;
};

/** Truncated: a cut from 899 to 0.01 is less than 100 %. The share is rounded first, because 79.5 / 100 - 1 is below -0.205. */
const percents = new Intl.NumberFormat(undefined, {
  style: 'percent',
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
  roundingMode: 'trunc',
});
/** A greater change is more likely a typing error than a decision. */
const usualShareMax = 0.5;

export function settlement({
  refund_id,
  amount,
  currency,
  payment,
  order_id,
  hold_id,
}: Refund): Confirmation {
  const money = moneyText(amount, currency);
  const ofHold = hold_id === null ? 'an unknown order' : `hold ${hold_id}`;
  const whose = order_id === null ? ofHold : `order ${order_id}`;
  return {
    title: `Mark the refund of ${money} as settled?`,
    sentences: [
      `Refund ${refund_id} of ${whose}: ${money} (${currency}), payment ${nameOfPayment(payment)}.`,
      `It is recorded as sent back to the buyer. The service does not send this money, now or later.`,
      'This cannot be undone.',
    ],
    label: 'Mark as settled',
  };
}

/** @param amount null: all that is left */
export function refund(
  { order_id, total, currency, quantity }: ListedOrder,
  amount: number | null,
  restock: boolean,
): Confirmation {
  const money = amount === null ? 'all that is left' : moneyText(amount, currency);
  const units = countOf(quantity, 'unit');
  return {
    title: `Refund ${money} of order ${order_id}?`,
    sentences: [
      `The order is of ${moneyText(total, currency)} (${currency}). The provider sends the money; without a provider an operator does.`,
      restock ? `The stock grows by ${units} at once, and buyers can hold them.` : 'The units stay sold.',
      'This cannot be undone.',
    ],
    label: amount === null ? 'Refund all that is left' : `Refund ${money}`,
  };
}

export function payment(
  { order_id, total, currency, quantity }: ListedOrder,
  reference: string,
): Confirmation {
  const money = moneyText(total, currency);
  return {
    title: `Record a payment of ${money} for order ${order_id}?`,
    sentences: [
      `Payment ${reference} of ${money} (${currency}) buys the order. The stock falls by ${countOf(quantity, 'unit')}.`,
      'It is refused when the units are gone.',
      'This cannot be undone.',
    ],
    label: `Record ${money}`,
  };
}

export function resolution(event: ListedPaymentEvent, decision: 'refund' | 'nothing_due'): Confirmation {
  const { amount, currency, payment_reference, idempotency_key } = event;
  const money = amount === null || currency === null ? 'this payment' : moneyText(amount, currency);
  const about = `Payment ${payment_reference ?? idempotency_key}, event ${idempotency_key}.`;
  return decision === 'refund'
    ? {
        title: `Refund ${money}?`,
        sentences: [
          about,
          payment_reference === null
            ? 'The refund becomes due. The payment has no reference, so an operator sends its money.'
            : 'The refund becomes due. The provider sends the money; without a provider an operator does.',
          'This cannot be undone.',
        ],
        label: 'Refund',
      }
    : {
        title: `Leave ${money} as it is?`,
        sentences: [about, 'The event waits no longer, and no money goes back.', 'This cannot be undone.'],
        label: 'Nothing is due',
      };
}

export function nameOfPayment(payment: string): string {
  return payment.replace(/^(ref|key):/, '');
}

export function priceChange({ name, price, currency }: SaleProduct, newPrice: number): Confirmation {
  const share = Math.round((newPrice / price - 1) * 1e9) / 1e9;
  const [from, to] = [moneyText(price, currency), moneyText(newPrice, currency)];
  const sentences = [
    `Price: ${from} → ${to} (${percents.format(share)}).`,
    'New holds get the new price at once. Existing holds and orders keep theirs.',
  ];
  if (Math.abs(share) > usualShareMax) {
    sentences.push(
      `Check the amount: this changes the price by more than ${percents.format(usualShareMax).replace('+', '')}.`,
    );
  }
  return { title: `Change the price of ${name}?`, sentences, label: `Set ${to}` };
}

export function stockChange(product: SaleProduct, change: number): Confirmation {
  const { name, stock, available_stock } = product;
  const units = countOf(Math.abs(change), 'unit');
  const available = Math.max(0, available_stock + change);
  const sentences = [
    `On the shelf: ${countText(stock)} → ${countText(stock + change)}.`,
    `Available to buyers: ${countText(available_stock)} → ${countText(available)}.`,
  ];
  if (available === 0) {
    sentences.push('Buyers cannot hold this product until units become available.');
  }
  return change < 0
    ? { title: `Take ${units} of ${name} away?`, sentences, label: `Take ${units} away` }
    : { title: `Add ${units} of ${name}?`, sentences, label: `Add ${units}` };
}

/** @param window the changes of the window, where the operator set one */
export function closing({ name }: SaleProduct, window: readonly string[] = []): Confirmation {
  return {
    title: `Close the sale of ${name}?`,
    sentences: [
      ...window,
      'New holds are refused from now on. Existing holds can still be ordered, and existing orders can be paid.',
    ],
    label: 'Close now',
  };
}

export function opening(product: SaleProduct, window: readonly string[]): Confirmation {
  const { name, price, currency, available_stock } = product;
  return {
    title: `Open the sale of ${name}?`,
    sentences: [
      ...window,
      `From now on buyers can hold ${countOf(available_stock, 'unit')} at ${moneyText(price, currency)}.`,
    ],
    label: 'Open now',
  };
}

export function creation({ name, price, currency, stock }: NewProduct): Confirmation {
  return {
    title: `Put ${name} on sale?`,
    sentences: [
      `Price: ${moneyText(price, currency)} (${currency}). Units: ${countText(stock)}.`,
      'Buyers can hold it at once.',
    ],
    label: 'Put on sale',
  };
}

/** The effect of a change on each end of the window: `Opens: 26 Oct, 02:30:00 (UTC+1) → at once.` */
export function windowSentences(
  before: Pick<SaleProduct, 'opens_at' | 'closes_at'>,
  change: { readonly opens_at?: string | null; readonly closes_at?: string | null },
): readonly string[] {
  const text = (instant: string | null, open: string) => (instant === null ? open : saleTimeText(instant));
  const sentences = [];
  if (change.opens_at !== undefined) {
    sentences.push(`Opens: ${text(before.opens_at, 'at once')} → ${text(change.opens_at, 'at once')}.`);
  }
  if (change.closes_at !== undefined) {
    sentences.push(`Closes: ${text(before.closes_at, 'never')} → ${text(change.closes_at, 'never')}.`);
  }
  return sentences;
}
