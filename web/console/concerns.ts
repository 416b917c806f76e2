import { countText } from '../number-text.ts';
import { agoText, countOf } from './format.ts';
import type { Attention, AuditResult } from './sale-messages.ts';

/**
 * - `fine`: nothing is there;
 * - `waits`: something is there that usually ends by itself;
 * - `act`: it stays until somebody does something.
 */
export type ConcernLevel = 'fine' | 'waits' | 'act';

export type ConcernId = keyof Attention | 'audit';

/** One thing to look after: what its tile shows. */
export type Concern = {
  readonly id: ConcernId;
  readonly name: string;
  readonly level: ConcernLevel;
  readonly figure: string;
  /** For the sentence at the top: "3 refunds are due". */
  readonly words: string;
  /** What to do about it, in a sentence. */
  readonly advice: string;
  /** What else is known, such as since when. */
  readonly note: string;
};

/** A hold that is overdue is released within a second, so after this time nobody does it. */
const workerSilentMs = 10_000;

/** Everything that is looked after, the most urgent kinds first. The places never change, whatever the counts are. */
export function concernsOf(
  attention: Attention,
  audit: AuditResult | null,
  nowMs: number,
): readonly Concern[] {
  const counted = (
    id: keyof Attention,
    name: string,
    count: number,
    about: Pick<Concern, 'words' | 'advice'> & { readonly note?: string; readonly endsByItself?: boolean },
  ): Concern => ({
    id,
    name,
    level: count === 0 ? 'fine' : about.endsByItself === true ? 'waits' : 'act',
    figure: countText(count),
    words: about.words,
    advice: about.advice,
    note: about.note ?? '',
  });
  const { refunds_due, overdue_holds, open_disputes, refused_payments } = attention;
  const overdueMs = overdue_holds.oldest_at === null ? 0 : nowMs - Date.parse(overdue_holds.oldest_at);
  return [
    counted('refunds_due', 'Refunds due', refunds_due.count, {
      words: `${countOf(refunds_due.count, 'refund is', 'refunds are')} due`,
      advice:
        'A provider is asked by itself where there is one. Send the money of the others, then mark them as settled.',
      note: refunds_due.oldest_at === null ? '' : `for ${agoText(refunds_due.oldest_at, nowMs)}`,
    }),
    counted('possible_second_payments', 'Paid twice?', attention.possible_second_payments, {
      words: countOf(
        attention.possible_second_payments,
        'payment may be a second one',
        'payments may be second ones',
      ),
      advice:
        'Look each one up at the provider. If the money came twice, refund it; otherwise nothing is due.',
    }),
    counted('open_disputes', 'Disputes', open_disputes.count, {
      words: `${countOf(open_disputes.count, 'dispute is', 'disputes are')} open`,
      advice:
        'Respond at the provider before its deadline. A refund that is due for such a payment waits for the end of the dispute.',
      note: open_disputes.oldest_at === null ? '' : `for ${agoText(open_disputes.oldest_at, nowMs)}`,
    }),
    counted('refused_payments', 'Refused', refused_payments.count, {
      words: countOf(refused_payments.count, 'order cannot be paid', 'orders cannot be paid'),
      advice:
        'The payment provider refuses the amount or the currency, so the orders have failed. Change the price of the product, or sell fewer units at once. The reason is in the log: "Payment refused".',
      note: productsText(refused_payments.product_ids),
    }),
    counted('unmatched_events', 'Unmatched', attention.unmatched_events, {
      words: `${countOf(attention.unmatched_events, 'payment matches', 'payments match')} no order`,
      advice:
        'Their order stayed unknown. Find out at the provider whose money it is, then refund it or decide that nothing is due.',
    }),
    counted('dead_letters', 'Dead letters', attention.dead_letters, {
      words: `${countOf(attention.dead_letters, 'event was', 'events were')} given up`,
      advice: 'Mend the receiver first, then send them again.',
    }),
    counted('switched_off_endpoints', 'Endpoints off', attention.switched_off_endpoints, {
      words: `${countOf(attention.switched_off_endpoints, 'endpoint is', 'endpoints are')} switched off`,
      advice: 'It answered 410, so nothing is sent to it. Its events are kept: switch it on when it is back.',
    }),
    counted('overdue_holds', 'Overdue holds', overdue_holds.count, {
      words: `${countOf(overdue_holds.count, 'hold is', 'holds are')} not released`,
      advice:
        'The worker releases them within a second. If they stay, none runs: start one. Nothing is oversold by it.',
      note: overdue_holds.oldest_at === null ? '' : `for ${agoText(overdue_holds.oldest_at, nowMs)}`,
      endsByItself: overdueMs < workerSilentMs,
    }),
    counted('parked_events', 'Parked', attention.parked_events, {
      words: `${countOf(attention.parked_events, 'payment waits', 'payments wait')} for an order`,
      advice:
        'They came before their order and wait for it. Many of them for long: look whether another shop sends here.',
      endsByItself: true,
    }),
    counted('failing_deliveries', 'Failing deliveries', attention.failing_deliveries, {
      words: `${countOf(attention.failing_deliveries, 'delivery fails', 'deliveries fail')}`,
      advice: 'They are tried again by themselves, more and more rarely. See what the receiver answers.',
      endsByItself: true,
    }),
    auditConcern(audit, nowMs),
  ];
}

/** A tile has room for a few. */
function productsText(ids: readonly number[]): string {
  const shown = ids.slice(0, 3).join(', ');
  return ids.length === 0 ? '' : `product ${shown}${ids.length > 3 ? ', …' : ''}`;
}

function auditConcern(audit: AuditResult | null, nowMs: number): Concern {
  const about = {
    id: 'audit',
    name: 'Audit',
    advice:
      'Every counter and rule is recomputed from the rows. If one differs, stop the sale and keep the log.',
  } as const;
  if (audit === null) {
    return { ...about, level: 'waits', figure: '…', words: 'the audit has not run yet', note: 'not run yet' };
  }
  return {
    ...about,
    level: audit.ok ? 'fine' : 'act',
    figure: audit.ok ? 'Agrees' : 'Differs',
    words: `the audit differs: ${audit.failed.join(', ')}`,
    note: `${agoText(audit.at, nowMs)} ago`,
  };
}
