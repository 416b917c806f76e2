import type { Scene } from './scene.ts';
import type { StoryBook } from './story-book.ts';

/** The counters against the rows: nothing is sold or promised twice, nothing is lost. */
export function wrongCounts({ shelves, roles }: Scene, book: StoryBook): string | null {
  for (const [index, { stock, held, changes }] of shelves.entries()) {
    let open = 0;
    let active = 0;
    let consumed = 0;
    for (const { product, story } of roles) {
      if (product === index + 1) {
        const facts = book.factsOf(story);
        open += facts.openUnits;
        active += facts.activeUnits;
        consumed += facts.consumedUnits;
      }
    }
    if (stock < 0 || active > stock) {
      return `${active} units are promised of a stock of ${stock}`;
    }
    if (held !== open || held > stock) {
      return `${held} units are counted as held of a stock of ${stock}, the holds have ${open}`;
    }
    if (stock + consumed !== changes) {
      return `${stock} units are on the shelf and ${consumed} sold, of ${changes}`;
    }
  }
  return null;
}

/** How much is still open in a scene, see the facts of a story. Time that goes on within a second counts too. */
export function unsettledIn({ isLastMs, roles }: Scene, book: StoryBook): number {
  let sum = 0;
  let hasActive = false;
  for (const { story } of roles) {
    const facts = book.factsOf(story);
    sum += facts.unsettled;
    hasActive ||= facts.activeUnits > 0;
  }
  return isLastMs && hasActive ? sum - 1 : sum;
}
