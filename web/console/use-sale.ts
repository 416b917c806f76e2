import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { AdminApi } from './admin-api.ts';
import { type AdminStream, followSale } from './admin-stream.ts';
import { type Failure, refusalOf } from './failure-text.ts';
import { emptySale, type SaleState, saleReducer } from './sale-state.ts';

/** The sale as the one stream of this page tells it. */
export function useSale(
  api: AdminApi,
  onLeave: (why: Failure) => void,
): { readonly sale: SaleState; connectNow(): void } {
  const [sale, dispatch] = useReducer(saleReducer, emptySale);
  const stream = useRef<AdminStream | null>(null);
  useEffect(() => {
    const followed = followSale(api.client, {
      message: (message) => dispatch({ kind: 'message', message, atMs: Date.now() }),
      lost: () => dispatch({ kind: 'lost' }),
      refused: (error) => onLeave(refusalOf(error)),
    });
    stream.current = followed;
    return followed.stop;
  }, [api]);
  return { sale, connectNow: () => stream.current?.connectNow() };
}
