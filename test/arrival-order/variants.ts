import { type EventName, type FactName, part, sequences, total } from './events.ts';

/** What an event says about a payment, beside the payment itself. */
export type Fact = {
  readonly status: 'refunded' | 'refund_failed' | 'disputed' | 'dispute_lost' | 'dispute_won';
  /** The sum returned so far, the refund that failed, or the disputed sum. Null: the event has none, which means all of the payment. */
  readonly amount: number | null;
  /** The provider's time. The order of the times is the variant's, the order of arrival is the sequence's. */
  readonly minute: number;
  /** The provider's id of the refund that failed, or of the dispute. */
  readonly id: string | null;
};

/** One way in which the events of a payment differ from those of another payment. */
export type Variant = {
  readonly name: string;
  /** False: the events name the order or the hold alone. */
  readonly hasReference: boolean;
  readonly facts: Readonly<Record<FactName, Fact>>;
};

const refunded = (minute: number, amount: number | null): Fact => ({
  ...{ status: 'refunded', amount, minute, id: null },
});
const refundFailed = (minute: number, amount: number | null, id = 're_2'): Fact => ({
  ...{ status: 'refund_failed', amount, minute, id },
});
const dispute =
  (status: Fact['status']) =>
  (minute: number, amount: number | null = total, id = 'dp_1'): Fact => ({ status, amount, minute, id });
const [opened, lost, won] = [dispute('disputed'), dispute('dispute_lost'), dispute('dispute_won')];

/**
 * The part of 40.00 goes back, then the remaining 60.00. The second of these refunds fails: its money was last to leave. The dispute is about
 * all of the payment; the bank takes the money, and gives it back after an appeal.
 */
const usual: Variant['facts'] = {
  'refunded in part': refunded(1, part),
  'refunded in full': refunded(2, total),
  'refund failed': refundFailed(3, total - part),
  'dispute opened': opened(4),
  'dispute lost': lost(5),
  'dispute won': won(6),
};

export const mainVariant: Variant = { name: 'the second refund failed', hasReference: true, facts: usual };

const vary = (name: string, facts: Partial<Variant['facts']>): Variant => ({
  ...{ name, hasReference: true, facts: { ...usual, ...facts } },
});

/** What the main one leaves out: other times, other sums, other ids. */
export const otherVariants: readonly Variant[] = [
  vary('the first refund failed, after the second one', { 'refund failed': refundFailed(3, part, 're_1') }),
  vary('the first refund failed before the second one; the second sum is later', {
    'refunded in full': refunded(3, total),
    'refund failed': refundFailed(2, part, 're_1'),
  }),
  vary('one refund of all of it, and it failed', { 'refund failed': refundFailed(3, total, 're_full') }),
  vary('a later sum is smaller', {
    'refunded in full': refunded(1, total),
    'refund failed': refundFailed(2, total - part),
    'refunded in part': refunded(3, part),
  }),
  vary('a later sum is 0', {
    'refunded in full': refunded(1, total),
    'refund failed': refundFailed(2, total - part),
    'refunded in part': refunded(3, 0),
  }),
  vary('the dispute was won, then lost, and opened last', {
    'dispute won': won(4),
    'dispute lost': lost(5),
    'dispute opened': opened(6),
  }),
  vary('everything has one time', {
    'refunded in part': refunded(1, part),
    'refunded in full': refunded(1, total),
    'refund failed': refundFailed(1, total - part),
    'dispute opened': opened(1),
    'dispute lost': lost(1),
    'dispute won': won(1),
  }),
  vary('the dispute is about the remainder', {
    'dispute opened': opened(4, total - part),
    'dispute lost': lost(5, total - part),
    'dispute won': won(6, total - part),
  }),
  vary('two disputes, one of them lost', {
    'dispute opened': opened(4, part, 'dp_1'),
    'dispute lost': lost(5, total - part, 'dp_2'),
    'dispute won': won(6, part, 'dp_1'),
  }),
  vary('sums of all of it are left out', {
    'refunded in full': refunded(2, null),
    'dispute opened': opened(4, null),
    'dispute lost': lost(5, null),
    'dispute won': won(6, null),
  }),
  { ...mainVariant, name: 'events that name the order or the hold alone', hasReference: false },
];

/** The sequences in which a variant can end otherwise than the main one: the payment and a changed fact are in them. */
export function sequencesOf({ hasReference, facts }: Variant): readonly (readonly EventName[])[] {
  const differs = (name: EventName) => name !== 'succeeded' && facts[name] !== usual[name];
  return hasReference
    ? sequences().filter((names) => names.includes('succeeded') && names.some(differs))
    : sequences();
}
