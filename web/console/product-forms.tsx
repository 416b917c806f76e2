import { useState } from 'preact/hooks';
import { moneyText } from '../number-text.ts';
import { ActionForm } from './action-form.tsx';
import type { AdminApi } from './admin-api.ts';
import { Field } from './field.tsx';
import { timeText } from './format.ts';
import { toInstant, toLocal } from './local-time.ts';
import type { SaleProduct } from './sale-messages.ts';

export type ProductFormProps = {
  readonly api: AdminApi;
  readonly product: SaleProduct;
  onDone(words: string): void;
};

/** Changes the price for holds to come. */
export function PriceForm({ api, product, onDone }: ProductFormProps) {
  const [price, setPrice] = useState(String(product.price));
  const save = async () => {
    const changed = await api.changeProduct(product.id, { price: Number(price) });
    return `${product.name} costs ${moneyText(changed.price, changed.currency)} now.`;
  };
  return (
    <ActionForm
      title="Price"
      about={`${moneyText(product.price, product.currency)} now. What is held keeps its price.`}
      label="Set the price"
      onSubmit={save}
      onDone={onDone}
    >
      <Field
        label={`Price in ${product.currency}`}
        type="number"
        step="any"
        min="0"
        value={price}
        onValue={setPrice}
      />
    </ActionForm>
  );
}

/** Changes when the sale of a product opens and closes. */
export function WindowForm({ api, product, onDone }: ProductFormProps) {
  const [opens, setOpens] = useState(toLocal(product.opens_at));
  const [closes, setCloses] = useState(toLocal(product.closes_at));
  const save = async () => {
    const { opens_at, closes_at } = await api.changeProduct(product.id, {
      opens_at: toInstant(opens),
      closes_at: toInstant(closes),
    });
    const from = opens_at === null ? '' : ` from ${timeText(opens_at)}`;
    const until = closes_at === null ? ' without an end' : ` until ${timeText(closes_at)}`;
    return `${product.name} is on sale${from}${until}.`;
  };
  return (
    <ActionForm
      title="Sale window"
      about="In the time zone of this browser. Left empty, that end is open."
      label="Set the window"
      onSubmit={save}
      onDone={onDone}
    >
      <Field label="Opens" type="datetime-local" step="1" isOptional value={opens} onValue={setOpens} />
      <Field label="Closes" type="datetime-local" step="1" isOptional value={closes} onValue={setCloses} />
    </ActionForm>
  );
}
