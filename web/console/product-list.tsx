import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { countText } from '../number-text.ts';
import type { AdminApi } from './admin-api.ts';
import { countOf } from './format.ts';
import { NewProductDialog } from './new-product-dialog.tsx';
import { ProductDialog } from './product-dialog.tsx';
import { idsInOrder } from './product-order.ts';
import { ProductRow } from './product-row.tsx';
import type { SaleState } from './sale-state.ts';
import { saleStatus, saleStatusText } from './sale-status.ts';

type ProductListProps = {
  readonly api: AdminApi;
  readonly sale: SaleState;
  readonly nowMs: number;
  onDone(words: string): void;
};

/** So many rows are drawn at once, and so many more when they are asked for. */
const rowsAtOnce = 50;
const orderedEveryMs = 5_000;

/** The products that the filter leaves, with what can be done about each. */
export function ProductList({ api, sale, nowMs, onDone }: ProductListProps) {
  const [filter, setFilter] = useState('');
  const [rowsMax, setRowsMax] = useState(rowsAtOnce);
  const [chosen, setChosen] = useState<number | null>(null);
  const [isNew, setIsNew] = useState(false);
  const { ids, hands } = useCalmOrder(sale, filter, nowMs);

  const shown = ids.slice(0, rowsMax).flatMap((id) => sale.products.get(id) ?? []);
  const product = chosen === null ? undefined : sale.products.get(chosen);
  return (
    <section class="products" aria-label="Products">
      <div class="list-head">
        <h2>{countOf(sale.products.size, 'product')}</h2>
        <input
          type="search"
          aria-label="Filter by name or id"
          placeholder="Filter by name"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <Legend />
        <button type="button" onClick={() => setIsNew(true)}>
          New product
        </button>
      </div>
      <table ref={hands}>
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col" class="number">
              Price
            </th>
            <th scope="col">Units</th>
            <th scope="col" class="number">
              Sold
            </th>
            <th scope="col" class="number">
              Ordered
            </th>
            <th scope="col" class="number">
              Held
            </th>
            <th scope="col" class="number">
              Available
            </th>
            <th scope="col">Sale</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((product) => {
            const status = saleStatus(product, nowMs);
            return (
              <ProductRow
                key={product.id}
                api={api}
                product={product}
                status={status.kind}
                statusText={saleStatusText(status, nowMs)}
                onChange={setChosen}
                onDone={onDone}
              />
            );
          })}
        </tbody>
      </table>
      {ids.length === 0 ? (
        <p class="nothing">{filter === '' ? 'There is no product yet.' : 'No product has this name.'}</p>
      ) : null}
      {ids.length > rowsMax ? (
        <button type="button" class="quiet" onClick={() => setRowsMax(rowsMax + rowsAtOnce)}>
          Show more: {countText(ids.length - rowsMax)} are left
        </button>
      ) : null}
      {product === undefined ? null : (
        <ProductDialog api={api} product={product} onDone={onDone} onClose={() => setChosen(null)} />
      )}
      {isNew ? <NewProductDialog api={api} onDone={onDone} onClose={() => setIsNew(false)} /> : null}
    </section>
  );
}

function Legend() {
  return (
    <ul class="legend" aria-hidden="true">
      {['sold', 'ordered', 'held', 'available'].map((part) => (
        <li key={part}>
          <span data-part={part} /> {part}
        </li>
      ))}
    </ul>
  );
}

type KeptOrder = { readonly ids: readonly number[]; readonly filter: string; readonly atMs: number };

/**
 * The order of the rows. It follows the bustle of the sale only while neither pointer nor focus is among the rows, so that nothing moves
 * that somebody is about to click; what is new comes last until then. A new filter counts at once.
 */
function useCalmOrder(sale: SaleState, filter: string, nowMs: number) {
  const hands = useRef<HTMLTableElement>(null);
  const kept = useRef<KeptOrder>({ ids: [], filter, atMs: 0 });
  const isTouched = () =>
    hands.current?.matches(':hover, :focus-within') === true ||
    document.querySelector('dialog[open]') !== null;
  const { current } = kept;
  const isDue = current.filter !== filter || (nowMs - current.atMs >= orderedEveryMs && !isTouched());
  const next = useMemo((): KeptOrder => {
    const ids = idsInOrder(sale, filter, nowMs);
    if (isDue) {
      return { ids, filter, atMs: nowMs };
    }
    const known = new Set(current.ids);
    return { ...current, ids: [...current.ids, ...ids.filter((id) => !known.has(id))] };
  }, [isDue, filter, sale.products.size]);
  useEffect(() => {
    kept.current = next;
  }, [next]);
  return { ids: next.ids, hands };
}
