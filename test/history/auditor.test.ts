import { describe, expect, it } from 'vitest';
import { planOf } from '../simulation/make-plan.ts';
import { runPlan } from '../simulation/run-plan.ts';
import { audit, brokenPromises } from './auditor.ts';
import type { History } from './history.ts';
import { historyInWords, sentencesAbout } from './in-words.ts';
import { lies } from './lies.ts';

const seeds = 60;

async function trueHistories(): Promise<readonly History[]> {
  const histories: History[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    histories.push((await runPlan(planOf(seed))).history);
  }
  return histories;
}

describe('the auditor', async () => {
  const histories = await trueHistories();

  it('finds nothing wrong with what is true', () => {
    expect(histories.flatMap(audit)).toEqual([]);
  });

  it.each(lies)('complains when $name', (lie) => {
    const told = histories.flatMap((history) => lie.tell(history) ?? []);
    expect(told.length).toBeGreaterThan(5);
    const seen = told.filter((history) => brokenPromises(history)[lie.promise].length > 0);
    // Where it cannot know, it says nothing; mostly it knows.
    expect(seen.length).toBeGreaterThan(lie.isAlwaysSeen ? told.length - 1 : told.length / 2);
  });
});

describe('a history in words', () => {
  it('tells what a complaint is about, and nothing of others', async () => {
    const { history } = await runPlan(planOf(1));
    const sentences = historyInWords(history);
    const [order] = history.books.orders;
    const about = sentencesAbout(`order ${order?.id} has never come to its end`, sentences);
    expect(about.length).toBeGreaterThan(2);
    expect(about.length).toBeLessThan(sentences.length);
    expect(about.every((sentence) => /hold \d+|order \d+/.test(sentence))).toBe(true);
    expect(about.filter((sentence) => sentence.startsWith('In the end'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(new RegExp(`^In the end order ${order?.id} of hold ${order?.holdId} is `)),
        expect.stringMatching(new RegExp(`^In the end hold ${order?.holdId} of `)),
      ]),
    );
  });
});
