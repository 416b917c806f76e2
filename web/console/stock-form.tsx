import { useState } from 'preact/hooks';
import { countText } from '../number-text.ts';
import { ActionForm } from './action-form.tsx';
import { stockChange } from './confirmations.ts';
import { Field } from './field.tsx';
import { countOf } from './format.ts';
import type { ProductFormProps } from './product-forms.tsx';

/** Adds or removes units. It asks first in both cases, because buyers notice the change within a second. */
export function StockForm({ api, product, onDone }: ProductFormProps) {
  const [change, setChange] = useState('');
  const [reason, setReason] = useState('');
  const units = Number(change);

  const save = async (key: string) => {
    const { stock } = await api.changeStock(product.id, { change: units, reason }, key);
    const what = units < 0 ? `${countText(-units)} taken away` : `${countText(units)} added`;
    return `${product.name}: ${what}, ${countOf(stock, 'unit')} on the shelf now.`;
  };
  return (
    <ActionForm
      title="Stock"
      about={`${countText(product.stock)} on the shelf, ${countText(product.held_stock)} of them held.`}
      label={units < 0 ? 'Take away' : 'Add'}
      confirm={() => stockChange(product, units)}
      onSubmit={save}
      onDone={onDone}
    >
      <Field
        label="Change"
        name="change"
        type="number"
        step="1"
        problem={
          change !== '' && units === 0 ? 'Expected units to add, or with a minus to take away, got 0.' : null
        }
        value={change}
        onValue={setChange}
      />
      <Field label="Reason" name="reason" maxLength={255} value={reason} onValue={setReason} />
    </ActionForm>
  );
}
