import type { Plan } from './plan.ts';

/** A plan is not run more often than this to make it smaller. */
const runsMax = 600;

/**
 * The smallest plan that can be found by leaving out steps and faults, of which `isWrong` still says so. Large parts are tried first, then
 * smaller ones, then single ones, until nothing can be left out any more.
 */
export async function shrunk(plan: Plan, isWrong: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let smallest = plan;
  let runs = 0;
  for (let part = Math.ceil(sizeOf(plan) / 2); part >= 1; ) {
    let wasLeftOut = false;
    for (let from = 0; from < sizeOf(smallest) && runs < runsMax; ) {
      const smaller = without(smallest, from, from + part);
      runs += 1;
      if (await isWrong(smaller)) {
        smallest = smaller;
        wasLeftOut = true;
      } else {
        from += part;
      }
    }
    if (part === 1 && (!wasLeftOut || runs >= runsMax)) {
      break;
    }
    part = part === 1 ? 1 : Math.floor(part / 2);
  }
  return smallest;
}

function sizeOf({ steps, faults }: Plan): number {
  return steps.length + faults.length;
}

/** Faults count first: a run in which less goes wrong is easier to read. */
function without(plan: Plan, from: number, to: number): Plan {
  const { faults, steps } = plan;
  const stays = (_: unknown, index: number): boolean => index < from || index >= to;
  return {
    ...plan,
    faults: faults.filter(stays),
    steps: steps.filter((step, index) => stays(step, index + faults.length)),
  };
}
