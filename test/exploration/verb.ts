import type { Command } from '../../src/domain/commands.ts';
import type { Names, Story } from './story.ts';

/** The price of one unit in every world. */
export const priceMinor = 1000;

/** Who does something: a buyer with all rows that hang on the hold. Of a product only the names count. */
export type Actor = { readonly story: Story; readonly names: Names };

/** Something that can be done, by a buyer, about a buyer's rows, or to a product. */
export type Verb = {
  readonly place: 'buyer' | 'product';
  /** In plain words, of `Anna` or of `product 1`. */
  readonly words: (who: string) => string;
  /** Where it stands in a batch: money first, then what gives units back, then orders, then holds. */
  readonly rank: 0 | 1 | 2 | 3;
  /** Done by the service or its operator: what is owed must be reachable by these alone. */
  readonly isOurs: boolean;
  /** Whether the units of overdue holds may be taken for it. */
  readonly takesUnits: boolean;
  /** Null where there is nothing that it could be done with. */
  readonly command: (actor: Actor) => Command | null;
  /** What it is done with depends on what there is, so that it cannot be said beforehand what it does behind another command. */
  readonly isChoosy?: boolean;
  /** The product that is asked for, where it may be another than that of the buyer's hold. */
  readonly productId?: number;
};
