import { useState } from 'preact/hooks';
import { ActionForm } from './action-form.tsx';
import type { AdminApi } from './admin-api.ts';
import { creation } from './confirmations.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { countOf } from './format.ts';
import { noLocalTime, toInstant } from './local-time.ts';
import { isSaleOpen } from './sale-status.ts';
import { TimeField } from './time-field.tsx';

type NewProductDialogProps = {
  readonly api: AdminApi;
  onDone(words: string): void;
  onClose(): void;
};

/** Asks for all that makes a product. It closes when there is one. */
export function NewProductDialog({ api, onDone, onClose }: NewProductDialogProps) {
  const [name, setName] = useState('');
  const [price, setPrice] = useState('');
  const [currency, setCurrency] = useState('USD');
  const [stock, setStock] = useState('');
  const [opens, setOpens] = useState(noLocalTime);
  const [closes, setCloses] = useState(noLocalTime);
  const entered = () => ({
    name,
    price: Number(price),
    currency,
    stock: Number(stock),
    opens_at: toInstant(opens),
    closes_at: toInstant(closes),
  });
  const create = async (key: string) => {
    const product = await api.createProduct(entered(), key);
    return `${product.name} is product ${product.id}, with ${countOf(product.stock, 'unit')}.`;
  };
  const hasCurrency = /^[A-Za-z]{3}$/.test(currency);
  return (
    <Dialog title="New product" onClose={onClose}>
      <ActionForm
        title="What is sold"
        about="The sale is open at once unless a time says otherwise."
        label="Create"
        confirm={() => {
          const product = entered();
          return isSaleOpen(product, api.client.nowMs()) ? creation(product) : null;
        }}
        onSubmit={create}
        onDone={(words) => {
          onDone(words);
          onClose();
        }}
      >
        <Field label="Name" name="name" maxLength={200} value={name} onValue={setName} />
        <Field
          label="Price"
          name="price"
          type="number"
          step="any"
          min="0.01"
          value={price}
          onValue={setPrice}
        />
        <Field
          label="Currency"
          name="currency"
          maxLength={3}
          problem={hasCurrency ? null : `Expected a currency code such as USD, got "${currency}".`}
          value={currency}
          onValue={setCurrency}
        />
        <Field label="Units" name="stock" type="number" step="1" min="0" value={stock} onValue={setStock} />
        <TimeField label="Opens" name="opens_at" time={opens} onTime={setOpens} />
        <TimeField label="Closes" name="closes_at" time={closes} onTime={setCloses} />
      </ActionForm>
    </Dialog>
  );
}
