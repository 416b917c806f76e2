import { stockMax } from '../../src/domain/product.ts';
import type { TimedLoadResult } from '../measure/load-result.ts';
import { post } from './post.ts';

/** The largest stock there is: never used up in a run. */
export const plentyOfStock = stockMax;

/** A hold of one unit. */
export function holdBody(productId: number): string {
  return JSON.stringify({ product_id: productId, qty: 1 });
}

/** Holds of one product, one after the other on each connection. */
export function postHolds(
  serverUrl: string,
  productId: number,
  connections: number,
  seconds: number,
): Promise<TimedLoadResult> {
  return post({ url: `${serverUrl}/api/v1/holds`, body: holdBody(productId), connections, seconds });
}
