import { Latencies, type LatencyCounts } from '../measure/latencies.ts';
import { type AnswerCounts, Answers } from './answers.ts';
import { Buyers } from './buyers.ts';
import { HttpLines } from './http-lines.ts';
import { closedLoop, openLoop } from './open-loop.ts';
import type { SendPlan } from './sender.ts';

/** What the process of a sender is told, and what it tells. */
export type ToSender = { readonly kind: 'begin'; readonly plan: SendPlan } | { readonly kind: 'count' };
export type FromSender =
  | { readonly kind: 'begun' }
  | { readonly kind: 'counted'; readonly sent: number }
  | {
      readonly kind: 'ended';
      readonly answers: AnswerCounts;
      readonly late: LatencyCounts;
      readonly refusedWithoutRetryAfter: number;
      readonly unexpected: readonly string[];
    };

const tell = (message: FromSender, told = (): void => undefined): void => void process.send?.(message, told);
let crowds: readonly Buyers[] = [];

async function begin({
  url,
  crowds: wanted,
  seconds,
  windowSeconds,
  linesAhead,
  linesMax,
}: SendPlan): Promise<void> {
  const lines = new HttpLines(url, linesMax);
  await lines.openAhead(linesAhead);
  const answers = new Answers(windowSeconds);
  const startMs = performance.now();
  tell({ kind: 'begun' });
  const running = wanted.map((crowd) => {
    const buyers = new Buyers(lines, crowd.errand, answers, startMs);
    const one = (dueMs: number) => buyers.begin(dueMs);
    const ended =
      'perSecond' in crowd
        ? openLoop(crowd.perSecond, seconds, one)
        : closedLoop(crowd.atATime, seconds, one).then(() => new Latencies());
    return { buyers, ended };
  });
  crowds = running.map(({ buyers }) => buyers);
  const late = Latencies.together(await Promise.all(running.map(({ ended }) => ended)));
  lines.close();
  tell(
    {
      kind: 'ended',
      answers: answers.plain,
      late: late.plain,
      refusedWithoutRetryAfter: crowds.reduce((sum, buyers) => sum + buyers.refusedWithoutRetryAfter, 0),
      unexpected: crowds.flatMap(({ unexpected }) => unexpected),
    },
    () => process.disconnect?.(),
  );
}

process.on('message', (message: ToSender) => {
  if (message.kind === 'begin') {
    // What goes wrong ends the process, and who has started it is told.
    void begin(message.plan);
  } else {
    tell({ kind: 'counted', sent: crowds.reduce((sum, { sent }) => sum + sent, 0) });
  }
});
