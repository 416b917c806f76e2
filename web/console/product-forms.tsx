import { useState } from 'preact/hooks';
import { moneyText } from '../number-text.ts';
import { ActionForm } from './action-form.tsx';
import type { AdminApi } from './admin-api.ts';
import { closing, opening, priceChange, windowSentences } from './confirmations.ts';
import { Field } from './field.tsx';
import { saleTimeText } from './format.ts';
import { isSameLocalTime, toInstant, toLocalTime } from './local-time.ts';
import type { SaleProduct } from './sale-messages.ts';
import { isSaleOpen } from './sale-status.ts';
import { TimeField } from './time-field.tsx';

export type ProductFormProps = {
  readonly api: AdminApi;
  readonly product: SaleProduct;
  onDone(words: string): void;
};

/** Changes the price for holds to come. */
export function PriceForm({ api, product, onDone }: ProductFormProps) {
  const [price, setPrice] = useState(String(product.price));
  const now = moneyText(product.price, product.currency);
  const save = async () => {
    const changed = await api.changeProduct(product.id, { price: Number(price) });
    return `${product.name} costs ${moneyText(changed.price, changed.currency)} now.`;
  };
  return (
    <ActionForm
      title="Price"
      about={`${now} now. Existing holds keep their price.`}
      label="Set the price"
      confirm={() => priceChange(product, Number(price))}
      onSubmit={save}
      onDone={onDone}
    >
      <Field
        label={`Price in ${product.currency}`}
        name="price"
        type="number"
        step="any"
        min="0.01"
        problem={Number(price) === product.price ? `Expected a new price, got the present one.` : null}
        value={price}
        onValue={setPrice}
      />
    </ActionForm>
  );
}

/** Changes when the sale of a product opens and closes. It sends only the end that was edited. */
export function WindowForm({ api, product, onDone }: ProductFormProps) {
  const [before] = useState({ opens: toLocalTime(product.opens_at), closes: toLocalTime(product.closes_at) });
  const [opens, setOpens] = useState(before.opens);
  const [closes, setCloses] = useState(before.closes);
  const edited = () => ({
    ...(isSameLocalTime(opens, before.opens) ? {} : { opens_at: toInstant(opens) }),
    ...(isSameLocalTime(closes, before.closes) ? {} : { closes_at: toInstant(closes) }),
  });
  const save = async () => {
    const { opens_at, closes_at } = await api.changeProduct(product.id, edited());
    const from = opens_at === null ? '' : ` from ${saleTimeText(opens_at)}`;
    const until = closes_at === null ? ' without an end' : ` until ${saleTimeText(closes_at)}`;
    return `${product.name} is on sale${from}${until}.`;
  };
  const confirm = () => {
    const change = edited();
    const isOpen = isSaleOpen(product, api.client.nowMs());
    const willBeOpen = isSaleOpen({ ...product, ...change }, api.client.nowMs());
    if (isOpen === willBeOpen) {
      return null;
    }
    const window = windowSentences(product, change);
    return willBeOpen ? opening(product, window) : closing(product, window);
  };
  return (
    <ActionForm
      title="Sale window"
      about="In the time zone of this browser. An empty field leaves that end open."
      label="Set the window"
      check={() =>
        Object.keys(edited()).length === 0 ? 'Neither time was edited. Change one of them first.' : null
      }
      confirm={confirm}
      onSubmit={save}
      onDone={onDone}
    >
      <TimeField label="Opens" name="opens_at" time={opens} onTime={setOpens} />
      <TimeField label="Closes" name="closes_at" time={closes} onTime={setCloses} />
    </ActionForm>
  );
}
