import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { machineText } from '../../bench/measure/machine.ts';
import { historyInWords, sentencesAbout } from '../history/in-words.ts';
import { count } from '../support/terminal.ts';
import { byArrangement, type CountName, type Figures, faultsIn } from './figures.ts';
import type { Round } from './round.ts';

/** Of what is told about a broken promise, so much at most goes to the terminal. The file has all of it. */
const sentencesMax = 40;

const rows: readonly (readonly [CountName, string])[] = [
  ['rounds', 'rounds'],
  ['stormSeconds', 'seconds of storm'],
  ['requests', 'requests'],
  ['acknowledged', 'acknowledged'],
  ['unknown', 'never answered'],
  ['paymentsFulfilled', 'payments fulfilled'],
  ['paymentsRefunded', 'payments sent back'],
  ['lost', 'lost'],
  ['oversold', 'oversold'],
  ['secondEffects', 'second effects'],
  ['wrongMoney', 'wrong money'],
  ['wrongAnswers', 'wrong answers'],
  ['wrongAccounts', 'wrong accounts'],
];

/** A column for each arrangement. */
export function reportTable(all: readonly Figures[]): string {
  const columns = byArrangement(all);
  const table = new Table({
    head: ['', ...columns.map(({ arrangement }) => arrangement)],
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [] },
  });
  const kinds = [...new Set(columns.flatMap(({ faults }) => Object.keys(faults)))].sort();
  const countRow = ([name, words]: (typeof rows)[number]): string[] => [
    words,
    ...columns.map(({ counts }) => count(counts[name])),
  ];
  const promisesFrom = rows.findIndex(([name]) => name === 'lost');
  table.push(
    ...rows.slice(0, promisesFrom).map(countRow),
    ['faults', ...columns.map((each) => count(faultsIn(each)))],
    ...kinds.map((kind) => [`  ${kind}`, ...columns.map(({ faults }) => count(faults[kind] ?? 0))]),
    ...rows.slice(promisesFrom).map(countRow),
  );
  return table.toString();
}

/** The same for programs. */
export function reportJson(
  run: { readonly seed: number; readonly minutes: number; readonly isKept: boolean },
  all: readonly Figures[],
  leftOut: readonly string[],
): string {
  const measuredAt = new Date().toISOString();
  const arrangements = byArrangement(all);
  return `${JSON.stringify({ ...run, machine: machineText(), measuredAt, arrangements, leftOut }, null, 2)}\n`;
}

export function isBroken({ broken }: Round): boolean {
  return Object.values(broken).some((complaints) => complaints.length > 0);
}

/**
 * What is wrong with a round and what led to it, in plain words.
 *
 * @param told what was said of its faults
 * @returns what is short enough to be read on a terminal
 */
export function keepBroken(round: Round, seed: number, told: readonly string[]): string {
  const complaints = Object.values(round.broken).flat();
  const sentences = historyInWords(round.history);
  const about = complaints.map((complaint) => ({
    complaint,
    sentences: sentencesAbout(complaint, sentences),
  }));
  const name = `chaos-seed-${seed}-${round.arrangement.toLowerCase().replaceAll(' ', '-')}.txt`;
  const path = join(tmpdir(), name);
  writeFileSync(
    path,
    [
      `${round.arrangement}, seed ${seed}, ${JSON.stringify(round.history.rules)}`,
      ...about.flatMap((each) => ['', `${each.complaint}:`, ...each.sentences]),
      '',
      'What went wrong:',
      ...told,
      '',
      'All of it:',
      ...sentences,
      '',
    ].join('\n'),
  );
  const [first] = about;
  return [
    ...complaints.map((complaint) => `BROKEN: ${complaint}`),
    ...(first === undefined ? [] : [`What led to "${first.complaint}":`]),
    ...(first?.sentences.slice(-sentencesMax) ?? []),
    `All of it is in ${path}`,
  ].join('\n');
}
