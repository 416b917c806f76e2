import type { StoreReader } from '../store/store-reader.ts';
import { Audits } from './audits.ts';
import { ConsoleFeed } from './console-feed.ts';
import { ProductsFeed } from './products-feed.ts';
import { SaleSeconds, type SaleSecondsOptions } from './sale-seconds.ts';

/** What a process tells of the sale while it goes on. */
export type Live = {
  readonly products: ProductsFeed;
  readonly console: ConsoleFeed;
  readonly seconds: SaleSeconds;
  readonly audits: Audits;
};

export type LiveOptions = Pick<SaleSecondsOptions, 'totals' | 'link'> & {
  readonly reader: Pick<StoreReader, 'nowMs' | 'products' | 'productSales' | 'backlog' | 'audit'>;
  /** How old what is shown may get where nobody told of a change, in ms. */
  readonly refreshMs: number;
};

export function createLive({ reader, refreshMs, totals, link }: LiveOptions): Live {
  const nowMs = () => reader.nowMs();
  const audits = new Audits(() => reader.audit(), nowMs);
  return {
    products: new ProductsFeed({ read: () => reader.products(), nowMs, refreshMs }),
    console: new ConsoleFeed(reader, audits),
    seconds: new SaleSeconds({ totals, nowMs, link }),
    audits,
  };
}
