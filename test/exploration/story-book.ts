import { isOpen } from '../../src/domain/hold.ts';
import { isFact, referenceIn } from '../../src/domain/payment.ts';
import { epochMs, later, nobody, noStory, renamed, type Story, simplified } from './story.ts';
import type { World } from './worlds.ts';

/** What of a story counts beyond its own rows. */
export type StoryFacts = {
  readonly story: Story;
  /** Units in `held` of the product. */
  readonly openUnits: number;
  /** Units of these that nobody else may get. */
  readonly activeUnits: number;
  readonly consumedUnits: number;
  readonly parkedUnknown: number;
  readonly parkedUnknownFacts: number;
  /**
   * How much still has to happen until every unit is sold or back and all money fulfilled or refunded; 0 when nothing has. What was
   * flagged without a reference is an operator's and counts as ended here: no command concerns it.
   */
  readonly unsettled: number;
  /** Nothing hangs on it but a hold that was released. */
  readonly isForgettable: boolean;
};

/** Every story that was met, by a small number. Story 0 is that of a buyer who has done nothing. */
export class StoryBook {
  readonly #world: World;
  readonly #facts: StoryFacts[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #later: (number | undefined)[] = [];

  constructor(world: World) {
    this.#world = world;
    this.numberOf(noStory);
  }

  get size(): number {
    return this.#facts.length;
  }

  factsOf(number: number): StoryFacts {
    const facts = this.#facts[number];
    if (facts === undefined) {
      throw new Error(`no story has the number ${number}`);
    }
    return facts;
  }

  /** The number of a story, whosever it is. */
  numberOf(told: Story): number {
    const story = renamed(simplified(told, (this.#world.paymentSeconds + 1) * 1000), nobody);
    const text = JSON.stringify(story);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#facts.length;
      this.#numbers.set(text, number);
      this.#facts.push(factsOf(story, this.#world));
    }
    return number;
  }

  /** The story one second later. */
  aSecondLater(number: number): number {
    let after = this.#later[number];
    if (after === undefined) {
      after = this.numberOf(later(this.factsOf(number).story, 1000));
      this.#later[number] = after;
    }
    return after;
  }
}

function factsOf(story: Story, world: World): StoryFacts {
  const { hold, order, events, payments, refunds } = story;
  const openUnits = hold !== null && isOpen(hold) ? hold.quantity : 0;
  const secondsLeft = hold === null ? 0 : Math.max(0, (hold.expiresAtMs - epochMs) / 1000);
  const parked = events.filter(({ result }) => result === 'parked');
  const unknown = parked.filter(({ productId }) => productId === null);
  const parkedUnknown = unknown.filter((event) => !isFact(event)).length;
  const due = refunds.filter(({ status }) => status === 'due').length;
  const flagged = payments.filter((row) => row.settlement === 'flagged' && referenceIn(row.name) !== null);
  return {
    story,
    openUnits,
    activeUnits: secondsLeft > 0 ? openUnits : 0,
    consumedUnits: hold?.status === 'consumed' ? hold.quantity : 0,
    parkedUnknown,
    parkedUnknownFacts: unknown.length - parkedUnknown,
    unsettled:
      (openUnits > 0 ? 2 + 2 * secondsLeft : 0) +
      // Once its hold is known it may wait under it, and give that more time.
      unknown.length * (2 * world.paymentSeconds + 7) +
      // A fact under a known order waits for its payment, which may never come.
      parked.filter((event) => event.productId !== null && !isFact(event)).length * 2 +
      due +
      flagged.length,
    isForgettable:
      hold?.status === 'released' &&
      order === null &&
      [events, payments, refunds].every((rows) => rows.length === 0),
  };
}
