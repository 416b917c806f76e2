import { useState } from 'preact/hooks';
import type { ListedOrder } from '../../src/client/checkout-client.ts';
import { moneyText } from '../number-text.ts';
import { ActionForm } from './action-form.tsx';
import type { AdminApi } from './admin-api.ts';
import { CheckField } from './check-field.tsx';
import { payment, refund } from './confirmations.ts';
import { Field } from './field.tsx';

type OrderFormProps = {
  readonly api: AdminApi;
  readonly order: ListedOrder;
  onDone(words: string): void;
};

/** As long as the API takes. */
const reasonMax = 200;
const payable: readonly ListedOrder['status'][] = ['pending', 'expired', 'failed', 'cancelled'];

/** What an operator can decide about an order's money, which depends on its status. */
export function OrderForms(props: OrderFormProps) {
  const { status } = props.order;
  if (status === 'paid') {
    return <RefundForm {...props} />;
  }
  return payable.includes(status) ? <PaymentForm {...props} /> : null;
}

function RefundForm({ api, order, onDone }: OrderFormProps) {
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const [restock, setRestock] = useState(false);
  const { order_id, currency, total } = order;
  const asked = amount === '' ? null : Number(amount);
  const save = async (key: string) => {
    const sum = asked === null ? {} : { amount: asked };
    const { refunds } = await api.refundOrder(order_id, { ...sum, reason, restock }, key);
    const due = refunds.find(({ reason: why }) => why === 'requested');
    return due === undefined
      ? `The refund of order ${order_id} is recorded.`
      : `Refund of order ${order_id}: ${moneyText(due.amount, due.currency)} in all.`;
  };
  return (
    <ActionForm
      title="Refund"
      about={`Paid: ${moneyText(total, currency)}. An empty amount is all that is left.`}
      label="Refund"
      check={() =>
        restock && asked !== null && asked < total
          ? 'The units go back with all that is left only. Leave the amount empty.'
          : null
      }
      confirm={() => refund(order, asked, restock)}
      onSubmit={save}
      onDone={onDone}
    >
      <Field
        label={`Amount in ${currency}`}
        name="amount"
        type="number"
        step="any"
        min="0.001"
        isOptional
        value={amount}
        onValue={setAmount}
      />
      <Field label="Reason" name="reason" maxLength={reasonMax} value={reason} onValue={setReason} />
      <CheckField
        label="Put the units back on the shelf"
        name="restock"
        value={restock}
        onValue={setRestock}
      />
    </ActionForm>
  );
}

function PaymentForm({ api, order, onDone }: OrderFormProps) {
  const [reference, setReference] = useState('');
  const [reason, setReason] = useState('');
  const { order_id, currency, total } = order;
  const money = moneyText(total, currency);
  const save = async (key: string) => {
    await api.payOrder(order_id, { amount: total, currency, reference, reason }, key);
    return `Order ${order_id} is paid: ${money}.`;
  };
  return (
    <ActionForm
      title="Payment by another way"
      about={`For ${money} that came and that no provider reports.`}
      label="Record the payment"
      confirm={() => payment(order, reference)}
      onSubmit={save}
      onDone={onDone}
    >
      <Field
        label="Payment reference"
        name="reference"
        maxLength={255}
        value={reference}
        onValue={setReference}
      />
      <Field label="Reason" name="reason" maxLength={reasonMax} value={reason} onValue={setReason} />
    </ActionForm>
  );
}
