import type { Concern, ConcernId } from './concerns.ts';
import { Icon } from './icon.tsx';

type ConcernTilesProps = {
  readonly concerns: readonly Concern[];
  readonly open: ConcernId | null;
  onOpen(id: ConcernId | null): void;
};

/** What the levels are called where they cannot be seen. */
const levelWords = { fine: '', waits: 'waits', act: 'needs you' } as const;

/** One tile for each thing to look after, always in the same place. */
export function ConcernTiles({ concerns, open, onOpen }: ConcernTilesProps) {
  return (
    <section class="concerns" aria-label="What to look after">
      <ul class="tiles">
        {concerns.map(({ id, name, level, figure, note, advice }) => (
          <li key={id}>
            <button
              type="button"
              class="tile"
              data-level={id === 'audit' && level === 'act' ? 'wrong' : level}
              aria-expanded={open === id}
              aria-controls={open === id ? 'concern-list' : undefined}
              title={advice}
              onClick={() => onOpen(open === id ? null : id)}
            >
              <span class="tile-name">{name}</span>
              <span class="tile-figure">
                {level === 'fine' && id !== 'audit' ? null : <Icon name={level} />}
                {figure}
                <span class="unseen"> {levelWords[level]}</span>
              </span>
              <span class="tile-note">{note}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
