import type { Broken } from './explored.ts';
import type { Move } from './move.ts';
import { type Role, type Scene, unpacked } from './scene.ts';
import { firstScene, type Search } from './search.ts';
import { verbs } from './verbs.ts';

const people = ['Anna', 'Ben', 'Clara', 'David'];

/** How a promise was broken: what everybody did, in plain words, one line for each move, and then what is wrong. */
export function counterExample(search: Search, { moves, wrong }: Broken): string {
  const { products, stock, buyers } = search.world;
  const lines = [
    `${buyers} ${buyers === 1 ? 'buyer' : 'buyers'}, ${products} ${products === 1 ? 'product' : 'products'} of ${stock} ${stock === 1 ? 'unit' : 'units'}.`,
  ];
  let scene = firstScene(search.world);
  let cast: Names = {
    people: people.slice(0, buyers),
    products: scene.shelves.map((_, index) => `product ${index + 1}`),
  };
  for (const [index, move] of moves.entries()) {
    const { after, answers } = search.replay(scene, move);
    const said = answers.length === 0 ? '' : ` → ${answers.join(', then ')}`;
    lines.push(`${index + 1}. ${wordsOf(move, cast, search.world.instants === 'last ms')}${said}`);
    const next = unpacked(search.words(after), 0, products, buyers);
    cast = recast(cast, after, next);
    scene = next;
  }
  return [...lines, `Then: ${wrong}.`].join('\n');
}

type Names = { readonly people: readonly string[]; readonly products: readonly string[] };

function wordsOf(move: Move, { people: who, products }: Names, hasLastMs: boolean): string {
  switch (move.kind) {
    case 'time':
      return hasLastMs
        ? 'time goes on, to the last millisecond of the second or the next second'
        : 'a second passes';
    case 'comes back':
      return `${who[move.place]} comes back as if for the first time`;
    case 'batch':
      return move.acts
        .map(({ verb, place }) => {
          const { place: at, words } = verbs[verb];
          return words((at === 'buyer' ? who : products)[place] ?? '');
        })
        .join(', and in the same batch ');
  }
}

/** Who is who once a scene was put in order: the same story means the same person, or one who may as well be. */
function recast(names: Names, was: Scene, is: Scene): Names {
  const asTheyAre = match(names.people, was.roles, is.roles);
  if (asTheyAre !== null) {
    return { ...names, people: asTheyAre };
  }
  const turned = was.roles.map(({ product, story }) => ({ product: product === 0 ? 0 : 3 - product, story }));
  return {
    people: match(names.people, turned, is.roles) ?? names.people,
    products: names.products.toReversed(),
  };
}

function match(who: readonly string[], was: readonly Role[], is: readonly Role[]): string[] | null {
  const left = [...was.keys()];
  const matched = is.map(({ product, story }) => {
    const at = left.findIndex((place) => was[place]?.product === product && was[place]?.story === story);
    return at < 0 ? undefined : who[left.splice(at, 1)[0] ?? 0];
  });
  const found = matched.flatMap((name) => name ?? []);
  return found.length === who.length ? found : null;
}
