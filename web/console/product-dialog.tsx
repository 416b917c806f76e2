import { Dialog } from './dialog.tsx';
import { PriceForm, type ProductFormProps, WindowForm } from './product-forms.tsx';
import { StockForm } from './stock-form.tsx';

/** Everything that can be changed about a product. It closes when something was. */
export function ProductDialog({ api, product, onDone, onClose }: ProductFormProps & { onClose(): void }) {
  const form = {
    api,
    product,
    onDone: (words: string) => {
      onDone(words);
      onClose();
    },
  };
  return (
    <Dialog title={product.name} onClose={onClose}>
      <StockForm {...form} />
      <PriceForm {...form} />
      <WindowForm {...form} />
    </Dialog>
  );
}
