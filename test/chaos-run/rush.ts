import { Random } from '../stories/random.ts';
import type { Step } from '../stories/step.ts';
import { Stories } from '../stories/stories.ts';

/** So long the buyers of two products come. Then it is the turn of the next two: what is sold out shows little. */
const waveMs = 6_000;
const productsOfWave = 2;

/** How many come, and for how long. */
export type Rush = {
  readonly seed: number;
  readonly nodes: number;
  readonly forMs: number;
  readonly buyersPerSecond: number;
};

/** How many units of each product are to be put on sale: for about a third of those who want one. */
export function unitsOnSale({ seed, forMs, buyersPerSecond }: Rush): readonly number[] {
  const random = new Random(seed, 1);
  const buyersOfProduct = (buyersPerSecond * waveMs) / 1000 / productsOfWave;
  return Array.from({ length: Math.ceil(forMs / waveMs) * productsOfWave }, () =>
    Math.max(1, Math.round(buyersOfProduct * random.between(0.2, 0.45))),
  );
}

/** What buyers, payment providers and operators do, wave after wave. */
export function stepsOf(
  { seed, nodes, forMs, buyersPerSecond }: Rush,
  productIds: readonly number[],
): readonly Step[] {
  const random = new Random(seed, 2);
  const stories = new Stories(random, {
    nodes,
    quantities: [1, 1, 1, 2, 4],
    names: ['order', 'order', 'order', 'hold'],
    factsChance: 0,
  });
  let buyer = 0;
  for (let fromMs = 0; fromMs < forMs; fromMs += waveMs) {
    const first = (fromMs / waveMs) * productsOfWave;
    const untilMs = Math.min(fromMs + waveMs, forMs);
    const productId = (): number => productIds[first + random.below(productsOfWave)] ?? 0;
    const ordersChance = random.pick([0.5, 0.8, 0.9]);
    for (let left = ((untilMs - fromMs) * buyersPerSecond) / 1000; left > 0; left -= 1) {
      const comesAtMs = random.between(fromMs, untilMs);
      stories.addBuyer({ buyer, comesAtMs, productId: productId(), ordersChance });
      buyer += 1;
    }
    addOperators(stories, random, { fromMs, untilMs, productId });
  }
  return stories.all;
}

function addOperators(
  stories: Stories,
  random: Random,
  wave: { readonly fromMs: number; readonly untilMs: number; readonly productId: () => number },
): void {
  const { fromMs, untilMs, productId } = wave;
  for (const change of [random.pick([1, 3, 6]), random.pick([2, -1, -3])]) {
    stories.add(-1, random.between(fromMs, untilMs), { kind: 'restock', productId: productId(), change });
  }
  for (const settlesAtMs of [random.between(fromMs, untilMs), untilMs]) {
    stories.add(-1, settlesAtMs, { kind: 'settle' });
  }
  stories.addStranger(random.between(fromMs, untilMs));
}
