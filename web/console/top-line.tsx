import { useEffect, useState } from 'preact/hooks';
import { timeText } from './format.ts';
import { Icon } from './icon.tsx';
import type { SaleState } from './sale-state.ts';
import { verdictOf } from './verdict.ts';

type TopLineProps = {
  readonly sale: SaleState;
  readonly nowMs: number;
  onConnect(): void;
  onSearch(text: string): void;
  onLeave(): void;
};

/** The verdict, the state of the stream, and what can be done from anywhere: find a purchase, leave. */
export function TopLine({ sale, nowMs, onConnect, onSearch, onLeave }: TopLineProps) {
  const verdict = verdictOf(sale, nowMs);
  const [text, setText] = useState('');
  useEffect(() => {
    document.title = `${verdict.words} · Flash-sale console`;
  }, [verdict.words]);
  return (
    <header class="top">
      <h1 class="verdict" data-kind={verdict.kind}>
        <Icon name={verdict.kind} />
        <span role="status" title={verdict.words}>
          {verdict.words}
        </span>
      </h1>
      <p class="beside">{verdict.beside}</p>
      <StreamState sale={sale} onConnect={onConnect} />
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== '') {
              onSearch(text.trim());
            }
          }}
        >
          <input
            type="search"
            aria-label="Order, hold, payment reference or event key"
            placeholder="Order, hold or payment"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit">Find</button>
        </form>
      </search>
      <button type="button" class="quiet" onClick={onLeave}>
        Leave
      </button>
    </header>
  );
}

function StreamState({ sale, onConnect }: { readonly sale: SaleState; onConnect(): void }) {
  const { stream } = sale;
  if (stream.kind === 'live') {
    return (
      <p class="stream" data-kind="live">
        <span class="dot" aria-hidden="true" /> Live
      </p>
    );
  }
  return (
    <p class="stream" data-kind={stream.kind}>
      <span class="dot" aria-hidden="true" />{' '}
      {stream.kind === 'connecting' ? 'Connecting' : `Reconnecting since ${timeText(stream.sinceMs)}`}
      <button type="button" class="quiet" onClick={onConnect}>
        Try now
      </button>
    </p>
  );
}
