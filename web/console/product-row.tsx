import { useMemo } from 'preact/hooks';
import { countText, moneyText } from '../number-text.ts';
import { ActionButton } from './action-button.tsx';
import type { AdminApi } from './admin-api.ts';
import { closing, opening, windowSentences } from './confirmations.ts';
import type { SaleProduct } from './sale-messages.ts';
import type { SaleStatus } from './sale-status.ts';
import { UnitBar, unitParts } from './unit-bar.tsx';

/**
 * The server's time is known to half a second and half of a round trip. A sale that is closed now has to be closed by that clock too, or
 * some more holds would be made behind the words that say so.
 */
const clockErrorMs = 1_000;

type ProductRowProps = {
  readonly api: AdminApi;
  readonly product: SaleProduct;
  readonly status: SaleStatus['kind'];
  readonly statusText: string;
  onChange(productId: number): void;
  onDone(words: string): void;
};

/** A product: where its units are, whether it is on sale, and the button that opens or closes it. */
export function ProductRow({ api, product, status, statusText, onChange, onDone }: ProductRowProps) {
  const isOpen = status !== 'opens' && status !== 'closed';
  const { id, name, opens_at, closes_at } = product;
  const nowMs = api.client.nowMs();

  const openChange = {
    ...(opens_at === null || Date.parse(opens_at) <= nowMs ? {} : { opens_at: null }),
    ...(closes_at === null || Date.parse(closes_at) > nowMs ? {} : { closes_at: null }),
  };
  const openNow = async () => {
    await api.changeProduct(id, openChange);
    return `The sale of ${name} is open.`;
  };
  const closeNow = async () => {
    const closesAt = new Date(api.client.nowMs() - clockErrorMs).toISOString();
    await api.changeProduct(id, { closes_at: closesAt });
    return `The sale of ${name} is closed.`;
  };
  // Most rows are as they were when one has changed.
  const figures = useMemo(() => <Figures product={product} />, [product]);
  return (
    <tr data-status={status}>
      {figures}
      <td class="sale-status">
        <span class="badge" data-status={status}>
          {statusText}
        </span>
      </td>
      <td class="row-actions">
        <ActionButton
          label={isOpen ? 'Close now' : 'Open now'}
          name={`${isOpen ? 'Close' : 'Open'} now: ${name}`}
          confirmation={isOpen ? closing(product) : opening(product, windowSentences(product, openChange))}
          run={isOpen ? closeNow : openNow}
          onDone={onDone}
        />
        <button type="button" aria-label={`Change ${name}`} onClick={() => onChange(id)}>
          Change
        </button>
      </td>
    </tr>
  );
}

function Figures({ product }: { readonly product: SaleProduct }) {
  const parts = unitParts(product);
  return (
    <>
      <th scope="row" class="product-name">
        <bdi>{product.name}</bdi> <span class="help">{product.id}</span>
      </th>
      <td class="number price">{moneyText(product.price, product.currency)}</td>
      <td class="units">
        <UnitBar parts={parts} />
      </td>
      <td class="number" data-figure="sold">
        {countText(parts.sold)}
      </td>
      <td class="number" data-figure="ordered">
        {countText(parts.ordered)}
      </td>
      <td class="number" data-figure="held">
        {countText(parts.held)}
      </td>
      <td class="number" data-figure="available">
        {countText(parts.available)}
      </td>
    </>
  );
}
