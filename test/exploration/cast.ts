import type { Act } from './move.ts';
import type { Scene } from './scene.ts';
import type { StoryBook } from './story-book.ts';
import { verbs } from './verbs.ts';

/** All that a batch may touch or look at, and nothing else does it see. */
export type Cast = {
  /** The buyers that its acts are about. */
  readonly actors: readonly number[];
  /** Its products, from 1. */
  readonly products: readonly number[];
  /** Other buyers whose holds of these products are overdue. */
  readonly crowd: readonly number[];
};

const nobody: readonly number[] = [];

export function castOf(scene: Scene, acts: readonly Act[], book: StoryBook): Cast {
  const actors: number[] = [];
  const products: number[] = [];
  for (const { verb, place } of acts) {
    const { place: at, productId } = verbs[verb];
    if (at === 'buyer' && !actors.includes(place)) {
      actors.push(place);
    }
    const product = at === 'product' ? place + 1 : (productId ?? scene.roles[place]?.product ?? 0);
    if (product !== 0 && !products.includes(product)) {
      products.push(product);
    }
  }
  return { actors, products, crowd: crowdOf(scene, actors, products, book) };
}

function crowdOf(
  scene: Scene,
  actors: readonly number[],
  products: readonly number[],
  book: StoryBook,
): readonly number[] {
  let crowd = nobody;
  for (let place = 0; place < scene.roles.length; place += 1) {
    const { product = 0, story = 0 } = scene.roles[place] ?? {};
    if (product !== 0 && isOverdue(book, story) && products.includes(product) && !actors.includes(place)) {
      crowd = [...crowd, place];
    }
  }
  return crowd;
}

/** The buyers with overdue holds among the cast: by their ids the rules choose who goes first. */
export function overdueOf(scene: Scene, { actors, crowd }: Cast, book: StoryBook): number[] {
  return [...actors.filter((place) => isOverdue(book, scene.roles[place]?.story ?? 0)), ...crowd];
}

function isOverdue(book: StoryBook, story: number): boolean {
  const { openUnits, activeUnits } = book.factsOf(story);
  return openUnits > activeUnits;
}

/** A number for each buyer, from which the ids are made, so that the overdue ones come in the given order. */
export function labelsOf(buyers: number, overdue: readonly number[], order: readonly number[]): number[] {
  const labels = new Array<number>(buyers).fill(-1);
  for (const [index, place] of overdue.entries()) {
    labels[place] = order[index] ?? index;
  }
  let next = overdue.length;
  return labels.map((label) => (label < 0 ? next++ : label));
}
