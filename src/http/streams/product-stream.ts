import type { ProductSnapshot } from '../../domain/product.ts';
import type { ProductsFeed } from '../../live/products-feed.ts';
import { presentProduct } from '../presenters.ts';
import { timeText } from '../time-text.ts';
import { eventBytes } from './event-text.ts';
import type { StreamSource } from './open-stream.ts';
import { Viewers, type ViewersMax } from './viewers.ts';

const restMsMin = 250;
/** A write takes some 10 µs, so viewers take at most a twentieth of a core: with more of them, messages come more rarely. */
const writesPerSecondMax = 4_000;
/** Those who come at the same time get the same first message. The time in it may be that old. */
const firstKeptMs = 50;

/** All products for everybody who looks at the shop, and then what changes. */
export function productStream(feed: ProductsFeed, nowMs: () => number, viewersMax: ViewersMax): StreamSource {
  const viewers = new Viewers(viewersMax, () => feed.sleep());
  const message = (products: readonly ProductSnapshot[]) =>
    eventBytes('products', { now: timeText(nowMs()), products: products.map(presentProduct) });
  let first: { readonly bytes: Buffer; readonly untilMs: number } | null = null;
  feed.listen({
    changed: (products) => {
      first = null;
      return viewers.send(message(products));
    },
    restMs: () => Math.max(restMsMin, (1000 * viewers.size) / writesPerSecondMax),
  });
  return {
    viewers,
    watch: () => feed.watch(),
    first: () => {
      const atMs = performance.now();
      if (first === null || atMs > first.untilMs) {
        first = { bytes: message(feed.products()), untilMs: atMs + firstKeptMs };
      }
      return first.bytes;
    },
  };
}
