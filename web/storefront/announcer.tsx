import { deadlineOf, type Purchase } from './purchase.ts';
import { wordsOf } from './purchase-words.ts';
import { spokenTimeLeft } from './time-text.ts';
import { useCountdown } from './use-countdown.ts';

/** Says to who does not see the page what changes on it. Its heading gets the focus and is read by that. */
export function Announcer({
  purchase,
  nowMs,
}: {
  readonly purchase: Purchase;
  readonly nowMs: () => number;
}) {
  const remainingMs = useCountdown(deadlineOf(purchase), nowMs);
  const { title, sentence } = wordsOf(purchase);
  return (
    <div class="unseen">
      <p role="status">{purchase.kind === 'none' ? '' : `${title}. ${sentence}`}</p>
      <p role="status">{spokenTimeLeft(remainingMs)}</p>
    </div>
  );
}
