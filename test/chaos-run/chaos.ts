import type { Exchange } from '../history/history.ts';
import { Random } from '../stories/random.ts';
import type { Arrangement } from './arrangement.ts';
import { type Round, runRound } from './round.ts';

export type ChaosOptions = {
  readonly seed: number;
  /** How long all of it takes, about. */
  readonly minutes: number;
  readonly arrangements: readonly Arrangement[];
  readonly say: (text: string) => void;
  readonly watch: (exchanges: readonly Exchange[]) => void;
  /** Given each round when it is over. */
  readonly done: (round: Round) => void;
  /** Ends it where it is. */
  readonly stop: AbortSignal;
};

/** No round is longer, so that what one asked and answered can be held in memory and read. */
const roundMsMax = 120_000;
/** The start of servers and processes, and the rest after the storm until all deadlines have come: about. */
const aroundStormMs = 30_000;
const stormMsMin = 10_000;
const buyersPerSecond = 25;

/** The arrangements in turn, as often as the time allows. */
export async function runChaos(options: ChaosOptions): Promise<void> {
  const { seed, minutes, arrangements, say, watch, done, stop } = options;
  const shareMs = (minutes * 60_000) / arrangements.length;
  const turns = Math.ceil(shareMs / roundMsMax);
  const stormMs = Math.max(stormMsMin, Math.round(shareMs / turns - aroundStormMs));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const arrangement of arrangements) {
      stop.throwIfAborted();
      const seedOfRound = new Random(seed, turn, ...Buffer.from(arrangement.name)).below(2 ** 31);
      done(await runRound(arrangement, { seed: seedOfRound, stormMs, buyersPerSecond, say, watch, stop }));
    }
  }
}
