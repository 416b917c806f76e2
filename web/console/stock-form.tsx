import { useState } from 'preact/hooks';
import { countText } from '../number-text.ts';
import { ActionForm } from './action-form.tsx';
import { Field } from './field.tsx';
import { countOf } from './format.ts';
import type { ProductFormProps } from './product-forms.tsx';

/** Adds units at once; asks before it takes some away, because buyers may be about to hold them. */
export function StockForm({ api, product, onDone }: ProductFormProps) {
  const [change, setChange] = useState('');
  const [reason, setReason] = useState('');
  const [isAsking, setIsAsking] = useState(false);
  const units = Number(change);
  const away = countText(-units);

  const save = async () => {
    if (units < 0 && !isAsking) {
      setIsAsking(true);
      return null;
    }
    setIsAsking(false);
    const { stock } = await api.changeStock(product.id, { change: units, reason });
    const what = units < 0 ? `${away} taken away` : `${countText(units)} added`;
    return `${product.name}: ${what}, ${countOf(stock, 'unit')} on the shelf now.`;
  };
  return (
    <ActionForm
      title="Stock"
      about={`${countText(product.stock)} on the shelf, ${countText(product.held_stock)} of them held.`}
      label={isAsking ? `Yes, take ${away} away` : units < 0 ? 'Take away' : 'Add'}
      isDanger={isAsking}
      onSubmit={save}
      onDone={onDone}
    >
      <Field
        label="Change"
        type="number"
        step="1"
        value={change}
        onValue={(value) => {
          setChange(value);
          setIsAsking(false);
        }}
      />
      <Field label="Reason" maxLength={255} value={reason} onValue={setReason} />
      <p role="alert" class="asking">
        {isAsking
          ? `Buyers will see ${countText(Math.max(0, product.available_stock + units))} available instead of ${countText(product.available_stock)}.`
          : null}
      </p>
    </ActionForm>
  );
}
