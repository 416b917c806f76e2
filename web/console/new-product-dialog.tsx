import { useState } from 'preact/hooks';
import { ActionForm } from './action-form.tsx';
import type { AdminApi } from './admin-api.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { countOf } from './format.ts';
import { toInstant } from './local-time.ts';

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
  const [opens, setOpens] = useState('');
  const [closes, setCloses] = useState('');
  const create = async () => {
    const product = await api.createProduct({
      name,
      price: Number(price),
      currency,
      stock: Number(stock),
      opens_at: toInstant(opens),
      closes_at: toInstant(closes),
    });
    return `${product.name} is product ${product.id}, with ${countOf(product.stock, 'unit')}.`;
  };
  return (
    <Dialog title="New product" onClose={onClose}>
      <ActionForm
        title="What is sold"
        about="It is on sale at once unless it opens later."
        label="Create"
        onSubmit={create}
        onDone={(words) => {
          onDone(words);
          onClose();
        }}
      >
        <Field label="Name" maxLength={200} value={name} onValue={setName} />
        <Field label="Price" type="number" step="any" min="0" value={price} onValue={setPrice} />
        <Field label="Currency" maxLength={3} value={currency} onValue={setCurrency} />
        <Field label="Units" type="number" step="1" min="0" value={stock} onValue={setStock} />
        <Field label="Opens" type="datetime-local" step="1" isOptional value={opens} onValue={setOpens} />
        <Field label="Closes" type="datetime-local" step="1" isOptional value={closes} onValue={setCloses} />
      </ActionForm>
    </Dialog>
  );
}
