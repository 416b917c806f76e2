import { type Cast, labelsOf, overdueOf } from './cast.ts';
import { type Act, ordersOf, verbNumber } from './move.ts';
import type { Role, Scene, Shelf } from './scene.ts';
import type { Stage } from './stage.ts';
import type { StoryBook } from './story-book.ts';
import { verbs } from './verbs.ts';

/** A promise that was broken, in words. */
export type Wrong = { readonly wrong: string };

/** What came of a batch, where its cast can come up in many scenes. */
type Kept = {
  /** Of the actors and then of the crowd; the product by its place in the cast, null where it stays as it was. */
  readonly roles: readonly { readonly story: number; readonly product: number | null }[];
  /** Of the cast's products; `changes` is by how much they grow. */
  readonly shelves: readonly Shelf[];
  readonly wrong: string | null;
  readonly changesNothing: boolean;
};

/** One of so many answers that were known already is decided once more on whole rows, and compared. */
const sampleEvery = 1_000;

/**
 * Remembers what was decided. A decision depends on what is loaded for it and on nothing else: the rows of its buyers, the counters of
 * its products, their overdue holds, how many events wait for unknown orders, and the instant. Where all that is as it was before, the
 * rules would only say the same again, so they are not asked. One time in a thousand they are, on whole rows, and have to.
 */
export class Decided {
  /** How often the rules were asked. */
  asked = 0;
  /** How often they were asked once more for what was known. */
  askedAgain = 0;
  readonly #stage: Stage;
  readonly #book: StoryBook;
  /** For batches of one: by crowd, then by all else. */
  readonly #kept: Map<number, Kept | null>[] = [];
  readonly #keptPairs = new Map<string, Kept | null>();
  readonly #crowds = new Map<string, number>([['', 0]]);
  #untilSample = sampleEvery;
  /** Many batches in turn are of the same scene. */
  #counted: { readonly scene: Scene | null; readonly parkedUnknown: number } = {
    scene: null,
    parkedUnknown: 0,
  };

  constructor(stage: Stage, book: StoryBook) {
    this.#stage = stage;
    this.#book = book;
  }

  /** The scene after a batch, `scene` itself when nothing changes; null when there is nothing to do it with. */
  after(scene: Scene, acts: readonly Act[], cast: Cast, tie: number): Scene | Wrong | null {
    const [act, other] = acts;
    let kept: Kept | null | undefined;
    if (act !== undefined && other === undefined) {
      const among = this.#among(this.#crowdNumber(scene, cast));
      const key = this.#keyOf(scene, act, cast, tie);
      kept = among.get(key);
      if (kept === undefined) {
        kept = this.#ask(scene, acts, cast, tie);
        among.set(key, kept);
        return kept && result(scene, cast, kept);
      }
    } else {
      const key = this.#pairKeyOf(scene, acts, cast, tie);
      kept = this.#keptPairs.get(key);
      if (kept === undefined) {
        kept = this.#ask(scene, acts, cast, tie);
        this.#keptPairs.set(key, kept);
        return kept && result(scene, cast, kept);
      }
    }
    this.#untilSample -= 1;
    if (this.#untilSample === 0) {
      this.#untilSample = sampleEvery;
      this.askedAgain += 1;
      this.asked -= 1;
      const again = JSON.stringify(this.#ask(scene, acts, cast, tie));
      if (again !== JSON.stringify(kept)) {
        return { wrong: `the same rows were decided in two ways: ${again} and ${JSON.stringify(kept)}` };
      }
    }
    return kept && result(scene, cast, kept);
  }

  /** How many orders of ids are to be tried for a batch. */
  ties(scene: Scene, acts: readonly Act[], cast: Cast): number {
    if (cast.crowd.length === 0 || acts.every(({ verb }) => !verbs[verb].takesUnits)) {
      return 1;
    }
    const overdue = overdueOf(scene, cast, this.#book);
    const stories = new Set(overdue.map((place) => scene.roles[place]?.story));
    return stories.size < 2 ? 1 : ordersOf(overdue.length).length;
  }

  #ask(scene: Scene, acts: readonly Act[], cast: Cast, tie: number): Kept | null {
    this.asked += 1;
    const overdue = overdueOf(scene, cast, this.#book);
    const order = ordersOf(overdue.length)[tie] ?? [];
    const played = this.#stage.play(scene, acts, labelsOf(scene.roles.length, overdue, order));
    if (played === null) {
      return null;
    }
    const places = [...cast.actors, ...cast.crowd];
    const isElsewhere = played.scene.roles.some(
      ({ story }, place) => !places.includes(place) && story !== scene.roles[place]?.story,
    );
    const roles = places.map((place) => roleAfter(scene.roles[place], played.scene.roles[place], cast));
    const shelves = cast.products.map((product) => shelfAfter(scene, played.scene, product));
    return {
      roles,
      shelves,
      wrong: played.wrong ?? (isElsewhere ? 'a bystander was touched' : null),
      changesNothing:
        places.every((place, index) => scene.roles[place]?.story === roles[index]?.story) &&
        cast.products.every((product, index) => isSame(scene.shelves[product - 1], shelves[index])),
    };
  }

  #among(crowd: number): Map<number, Kept | null> {
    let among = this.#kept[crowd];
    if (among === undefined) {
      among = new Map();
      this.#kept[crowd] = among;
    }
    return among;
  }

  #crowdNumber(scene: Scene, { crowd }: Cast): number {
    if (crowd.length === 0) {
      return 0;
    }
    const text = crowd.map((place) => scene.roles[place]?.story).join();
    let number = this.#crowds.get(text);
    if (number === undefined) {
      number = this.#crowds.size;
      this.#crowds.set(text, number);
    }
    return number;
  }

  /** 26 bits of story and 22 others: a double holds 53. */
  #keyOf(scene: Scene, { verb }: Act, { actors, products }: Cast, tie: number): number {
    const actor = actors[0] === undefined ? undefined : scene.roles[actors[0]];
    const shelf = products[0] === undefined ? undefined : scene.shelves[products[0] - 1];
    const isOthers = actor !== undefined && actor.product !== 0 && actor.product !== products[0];
    const bits =
      (verbNumber(verb) << 16) |
      (tie << 13) |
      ((shelf?.stock ?? 0) << 10) |
      ((shelf?.held ?? 0) << 7) |
      (this.#parkedUnknown(scene) << 3) |
      (isOthers ? 4 : 0) |
      (products.length === 0 ? 2 : 0) |
      (scene.isLastMs ? 1 : 0);
    return (actor?.story ?? 0) * 2 ** 22 + bits;
  }

  #pairKeyOf(scene: Scene, acts: readonly Act[], { actors, products, crowd }: Cast, tie: number): string {
    const role = (place: number): string => {
      const { story = 0, product = 0 } = scene.roles[place] ?? {};
      return `${story}/${products.indexOf(product)}`;
    };
    return [
      acts.map(({ verb, place }) => `${verb}${actors.indexOf(place)}`),
      actors.map(role),
      products.map((product) => `${scene.shelves[product - 1]?.stock}/${scene.shelves[product - 1]?.held}`),
      crowd.map(role),
      `${this.#parkedUnknown(scene)}/${scene.isLastMs}/${tie}`,
    ].join('|');
  }

  #parkedUnknown(scene: Scene): number {
    if (scene !== this.#counted.scene) {
      let [others, facts] = [0, 0];
      for (const { story } of scene.roles) {
        const known = this.#book.factsOf(story);
        others += known.parkedUnknown;
        facts += known.parkedUnknownFacts;
      }
      // The rules only compare each with a bound, which is at most three here.
      const parkedUnknown = Math.min(others, 3) + 4 * Math.min(facts, 3);
      this.#counted = { scene, parkedUnknown };
    }
    return this.#counted.parkedUnknown;
  }
}

function roleAfter(was: Role | undefined, is: Role | undefined, { products }: Cast) {
  const isBound = was?.product === 0 && is !== undefined && is.product !== 0;
  return { story: is?.story ?? 0, product: isBound ? products.indexOf(is.product) : null };
}

function shelfAfter(was: Scene, is: Scene, product: number): Shelf {
  const before = was.shelves[product - 1];
  const { stock = 0, held = 0, changes = 0 } = is.shelves[product - 1] ?? {};
  return { stock, held, changes: changes - (before?.changes ?? 0) };
}

function isSame(was: Shelf | undefined, is: Shelf | undefined): boolean {
  return was?.stock === is?.stock && was?.held === is?.held && is?.changes === 0;
}

function result(scene: Scene, { actors, products, crowd }: Cast, kept: Kept): Scene | Wrong {
  if (kept.wrong !== null) {
    return { wrong: kept.wrong };
  }
  if (kept.changesNothing) {
    return scene;
  }
  const roles = [...scene.roles];
  for (const [index, { story, product }] of kept.roles.entries()) {
    const place = (index < actors.length ? actors[index] : crowd[index - actors.length]) ?? 0;
    roles[place] = {
      story,
      product: product === null ? (scene.roles[place]?.product ?? 0) : (products[product] ?? 0),
    };
  }
  const shelves = [...scene.shelves];
  for (const [index, { stock, held, changes }] of kept.shelves.entries()) {
    const at = (products[index] ?? 1) - 1;
    shelves[at] = { stock, held, changes: changes + (scene.shelves[at]?.changes ?? 0) };
  }
  return { isLastMs: scene.isLastMs, roles, shelves };
}
