import { readFileSync } from 'node:fs';

/** Beyond this a figure says as much about the neighbours of a virtual machine as about what was measured. */
const stolenMaxPercent = 2;

/** Processor time of a machine since it started, in ticks. */
type ProcessorTime = { readonly all: number; readonly stolen: number };

/**
 * Begins to watch how much of the processor a virtual machine's host gives to others.
 *
 * @returns asks how much it was since then, in percent; null where the system does not tell
 */
export function watchStolenTime(read: () => string = readStat): () => number | null {
  const before = timeOf(read());
  return () => {
    const after = timeOf(read());
    if (before === null || after === null || after.all === before.all) {
      return null;
    }
    return (100 * (after.stolen - before.stolen)) / (after.all - before.all);
  };
}

/** What to think of it, as a sentence of its own; empty where there is nothing to say. */
export function stolenText(percent: number | null): string {
  if (percent === null) {
    return '';
  }
  const doubt =
    percent > stolenMaxPercent ? ': too much for figures that are to be quoted, measure again later' : '';
  return `The host gave ${percent.toFixed(1)} % of the processor to others meanwhile${doubt}.`;
}

/** The first line of Linux' `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already. */
function timeOf(stat: string): ProcessorTime | null {
  const ticks = /^cpu +(\d[\d ]*)$/m.exec(stat)?.[1]?.trim().split(' ').map(Number).slice(0, 8);
  const stolen = ticks?.[7];
  return ticks === undefined || stolen === undefined
    ? null
    : { all: ticks.reduce((sum, each) => sum + each, 0), stolen };
}

function readStat(): string {
  try {
    return readFileSync('/proc/stat', 'utf8');
  } catch {
    return ''; // not a Linux
  }
}
