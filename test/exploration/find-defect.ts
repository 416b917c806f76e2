import { counterExample } from './counter-example.ts';
import { Search } from './search.ts';
import type { Rulebook } from './stage.ts';
import { smallWorlds, type World } from './worlds.ts';

/** Of a world in which a defect does not show at once no more states than this are met. */
const scenesMax = 700;

export type FoundDefect = { readonly world: World; readonly text: string; readonly steps: number };

/** The fewest steps that show a defect of the rules, in the first world in which it shows; null when it shows in none. */
export function findDefect(rulebook: Rulebook, worlds: readonly World[] = smallWorlds): FoundDefect | null {
  for (const world of worlds) {
    const search = new Search(world, rulebook);
    const { wrong } = search.run({ isEnough: ({ scenes }) => scenes > scenesMax });
    if (wrong !== null) {
      return { world, text: counterExample(search, wrong), steps: wrong.moves.length };
    }
  }
  return null;
}
