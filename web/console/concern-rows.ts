import type {
  Audit,
  Delivery,
  Dispute,
  Endpoint,
  ListedPaymentEvent,
  Refund,
} from '../../src/client/checkout-client.ts';
import { countText, moneyText } from '../number-text.ts';
import type { AdminApi } from './admin-api.ts';
import type { ConcernId } from './concerns.ts';
import { type Confirmation, nameOfPayment, settlement } from './confirmations.ts';
import { countOf, timeText } from './format.ts';

export type RowAction = {
  readonly label: string;
  /** The question before the action; null where money and units stay and a repetition is harmless. */
  readonly confirmation: Confirmation | null;
  /** Returns what was done, in a sentence. */
  run(key: string): Promise<string>;
};

export type ConcernRow = {
  readonly key: string;
  /** One for each column. */
  readonly cells: readonly string[];
  /** The order or hold, or whatever finds its story; null where there is none. */
  readonly story: string | null;
  readonly action: RowAction | null;
  /** A payment event that waits for a decision. */
  readonly waiting?: ListedPaymentEvent;
};

export type ConcernRows = {
  readonly columns: readonly string[];
  readonly rows: readonly ConcernRow[];
};

/** What stands behind a tile, as the admin API tells it; null where there is nothing to list. */
export async function loadConcern(api: AdminApi, id: ConcernId): Promise<ConcernRows | null> {
  switch (id) {
    case 'refunds_due':
      return {
        columns: ['Since', 'Amount', 'Why', 'Payment', 'Order or hold'],
        rows: (await api.refunds({ status: 'due' })).map((refund) => refundRow(api, refund)),
      };
    case 'parked_events':
      return eventRows(await api.paymentEvents({ result: 'parked' }));
    case 'unmatched_events':
      return waitingRows(await api.paymentEvents({ result: 'unmatched' }));
    case 'open_disputes':
      return {
        columns: ['Since', 'Amount', 'Dispute', 'Payment', 'Order or hold'],
        rows: (await api.disputes({ status: 'open' })).map(disputeRow),
      };
    case 'possible_second_payments':
      return waitingRows(await api.paymentEvents({ result: 'possible_second_payment' }));
    case 'dead_letters':
      return deliveryRows(api, await api.deliveries({ status: 'dead' }));
    case 'failing_deliveries': {
      const pending = await api.deliveries({ status: 'pending' });
      return deliveryRows(
        api,
        pending.filter(({ attempts }) => attempts > 0),
      );
    }
    case 'switched_off_endpoints':
      return endpointRows(api, await api.endpoints());
    case 'audit':
      return auditRows(await api.audit());
    case 'overdue_holds':
    case 'refused_payments':
      return null;
  }
}

/** What differs comes first. */
function auditRows({ checks }: Audit): ConcernRows {
  return {
    columns: ['Check', 'Expected', 'Found', 'Result'],
    rows: checks
      .toSorted((a, b) => Number(a.ok) - Number(b.ok))
      .map(({ name, ok, expected, found }) => ({
        key: name,
        cells: [name, String(expected), String(found), ok ? 'agrees' : 'differs'],
        story: null,
        action: null,
      })),
  };
}

function refundRow(api: AdminApi, refund: Refund): ConcernRow {
  const { refund_id, amount, currency, reason, payment, order_id, hold_id, created_at } = refund;
  const money = moneyText(amount, currency);
  return {
    key: String(refund_id),
    cells: [
      timeText(created_at),
      money,
      reason.replaceAll('_', ' '),
      nameOfPayment(payment),
      String(order_id ?? hold_id ?? ''),
    ],
    story: String(order_id ?? hold_id ?? nameOfPayment(payment)),
    action: {
      label: 'Mark as settled',
      confirmation: settlement(refund),
      run: async (key) => {
        await api.settleRefund(refund_id, key);
        return `The refund of ${money} is settled.`;
      },
    },
  };
}

function disputeRow({
  dispute_id,
  amount,
  currency,
  payment,
  order_id,
  hold_id,
  created_at,
}: Dispute): ConcernRow {
  return {
    key: `${payment} ${dispute_id}`,
    cells: [
      timeText(created_at),
      moneyText(amount, currency),
      dispute_id,
      nameOfPayment(payment),
      String(order_id ?? hold_id),
    ],
    story: String(order_id ?? hold_id),
    action: null,
  };
}

function eventRows(events: readonly ListedPaymentEvent[]): ConcernRows {
  return {
    columns: ['Received', 'Status', 'Amount', 'Payment', 'Order or hold'],
    rows: events.map((event) => ({
      key: event.idempotency_key,
      cells: [
        timeText(event.received_at),
        event.status,
        event.amount === null || event.currency === null ? '' : moneyText(event.amount, event.currency),
        event.payment_reference ?? event.idempotency_key,
        String(event.order_id ?? event.hold_id ?? ''),
      ],
      story:
        event.order_id === null && event.hold_id === null ? null : String(event.order_id ?? event.hold_id),
      action: null,
    })),
  };
}

/** The same events, each with the decision that it waits for. */
function waitingRows(events: readonly ListedPaymentEvent[]): ConcernRows {
  const { columns, rows } = eventRows(events);
  const byKey = new Map(events.map((event) => [event.idempotency_key, event]));
  return {
    columns,
    rows: rows.map((row) => {
      const waiting = byKey.get(row.key);
      return waiting === undefined ? row : { ...row, waiting };
    }),
  };
}

function deliveryRows(api: AdminApi, deliveries: readonly Delivery[]): ConcernRows {
  return {
    columns: ['Event', 'Endpoint', 'Attempts', 'Last answer', 'Since'],
    rows: deliveries.map((delivery) => ({
      key: `${delivery.event_id} ${delivery.endpoint}`,
      cells: [
        delivery.type,
        delivery.endpoint,
        countText(delivery.attempts),
        delivery.last_error ?? '',
        timeText(delivery.created_at),
      ],
      story: delivery.order_id === null ? null : String(delivery.order_id),
      action: {
        label: 'Send again',
        confirmation: null,
        run: async (key) => {
          const { resent } = await api.resendEvent(delivery.event_id, key);
          return `${delivery.type} is on its way to ${countOf(resent, 'endpoint')} again.`;
        },
      },
    })),
  };
}

function endpointRows(api: AdminApi, endpoints: readonly Endpoint[]): ConcernRows {
  return {
    columns: ['Endpoint', 'Switched off', 'Why', 'Waiting', 'Given up'],
    rows: endpoints.map(({ endpoint, switched_off_at, reason, pending, dead }) => ({
      key: endpoint,
      cells: [
        endpoint,
        switched_off_at === null ? 'no' : timeText(switched_off_at),
        reason ?? '',
        countText(pending),
        countText(dead),
      ],
      story: null,
      action:
        switched_off_at === null
          ? null
          : {
              label: 'Switch on',
              confirmation: null,
              run: async (key) => {
                await api.switchEndpointOn(endpoint, key);
                return `${endpoint} is switched on.`;
              },
            },
    })),
  };
}
