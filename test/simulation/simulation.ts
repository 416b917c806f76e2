import { isAcknowledged, type Reply } from '../history/history.ts';
import { planOf } from './make-plan.ts';
import type { Plan } from './plan.ts';
import { planInWords } from './plan-words.ts';
import { asItShips, type Run, runPlan } from './run-plan.ts';
import { shrunk } from './shrink.ts';
import type { Surroundings } from './simulated-node.ts';

/** A plan in which a promise is broken, with as little as possible in it. */
export type Broken = {
  readonly seed: number;
  readonly plan: Plan;
  readonly wrong: readonly string[];
  /** All of it in plain words. */
  readonly text: string;
};

/** What many seeds came to. */
export class Totals {
  seeds = 0;
  /** Requests, those that were sent again included. */
  requests = 0;
  /** Requests with an answer that says that something is done. */
  acknowledged = 0;
  happened = 0;
  /** How often something that was acknowledged was lost. */
  lost = 0;
  oversold = 0;
  /** How often another promise was broken, or a constraint of the database. */
  otherwise = 0;
  /** By kind. */
  readonly faults = new Map<string, number>();
  /** By kind, refusals and failures by their codes. */
  readonly replies = new Map<string, number>();

  add({ history, faults, happened, wrong, broken }: Run): void {
    const lost = broken?.lost.length ?? 0;
    const oversold = broken?.oversold.length ?? 0;
    this.seeds += 1;
    this.happened += happened;
    this.lost += lost;
    this.oversold += oversold;
    this.otherwise += wrong.length - lost - oversold;
    this.requests += history.exchanges.length;
    for (const [kind, times] of faults) {
      this.faults.set(kind, (this.faults.get(kind) ?? 0) + times);
    }
    for (const { answered } of history.exchanges) {
      if (answered !== null) {
        const name = nameOf(answered.reply);
        this.replies.set(name, (this.replies.get(name) ?? 0) + 1);
        this.acknowledged += isAcknowledged(answered.reply) ? 1 : 0;
      }
    }
  }
}

/** Runs seed after seed. Ends with the first one that breaks a promise, made as small as it gets. */
export async function simulate(
  { from, seeds }: { readonly from: number; readonly seeds: number },
  surroundings: Surroundings = asItShips,
  progress: (totals: Totals) => void = () => {},
): Promise<{ readonly totals: Totals; readonly broken: Broken | null }> {
  const totals = new Totals();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const plan = planOf(seed);
    const run = await runPlan(plan, surroundings);
    totals.add(run);
    progress(totals);
    if (run.wrong.length > 0) {
      return { totals, broken: await smallest(plan, surroundings) };
    }
  }
  return { totals, broken: null };
}

async function smallest(plan: Plan, surroundings: Surroundings): Promise<Broken> {
  const small = await shrunk(
    plan,
    async (smaller) => (await runPlan(smaller, surroundings)).wrong.length > 0,
  );
  const { wrong } = await runPlan(small, surroundings);
  return { seed: plan.seed, plan: small, wrong, text: planInWords(small, wrong) };
}

function nameOf(reply: Reply): string {
  return reply.kind === 'refused' || reply.kind === 'failed' ? `${reply.kind}: ${reply.code}` : reply.kind;
}
