import { concernsOf } from './concerns.ts';
import { saleTimeText, timeText } from './format.ts';
import type { SaleState } from './sale-state.ts';
import { saleStatus } from './sale-status.ts';

/** How the sale goes, from best to worst: each has a colour and an icon of its own beside its words. */
export type Verdict = {
  readonly kind: 'selling' | 'quiet' | 'act' | 'wrong' | 'blind';
  readonly words: string;
  /** How the sale itself goes, where the words are of something else. */
  readonly beside: string;
};

/** The one sentence at the top of the page: the worst thing that is known. */
export function verdictOf(state: SaleState, nowMs: number): Verdict {
  const { stream, audit } = state;
  if (stream.kind === 'lost') {
    return { kind: 'blind', words: `No data since ${timeText(stream.sinceMs, nowMs)}`, beside: '' };
  }
  if (state.attention === null) {
    return { kind: 'blind', words: 'Waiting for the first figures', beside: '' };
  }
  const goes = saleWords(state, nowMs);
  if (audit?.ok === false) {
    return { kind: 'wrong', words: `Audit differs: ${audit.failed.join(', ')}`, beside: goes.words };
  }
  const urgent = concernsOf(state.attention, audit, nowMs).filter(({ level }) => level === 'act');
  return urgent.length === 0
    ? { ...goes, beside: '' }
    : { kind: 'act', words: `Needs you: ${urgent.map(({ words }) => words).join(', ')}`, beside: goes.words };
}

function saleWords({ products }: SaleState, nowMs: number): Pick<Verdict, 'kind' | 'words'> {
  const statuses = [...products.values()].map((product) => saleStatus(product, nowMs));
  const some = (kind: string) => statuses.some((status) => status.kind === kind);
  if (some('on_sale')) {
    return { kind: 'selling', words: 'Selling' };
  }
  if (some('all_held')) {
    return { kind: 'selling', words: 'All held: units may come back' };
  }
  const opens = statuses.flatMap((status) => (status.kind === 'opens' ? [Date.parse(status.at)] : []));
  if (opens.length > 0) {
    return { kind: 'quiet', words: `Opens at ${saleTimeText(Math.min(...opens), nowMs)}` };
  }
  if (some('sold_out')) {
    return { kind: 'quiet', words: 'Sold out' };
  }
  return { kind: 'quiet', words: statuses.length === 0 ? 'Nothing is on sale yet' : 'Closed' };
}
