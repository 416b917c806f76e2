import { useEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from './action-button.tsx';
import type { AdminApi } from './admin-api.ts';
import { type ConcernRow, type ConcernRows, loadConcern } from './concern-rows.ts';
import type { Concern } from './concerns.ts';
import { failureText } from './failure-text.ts';
import { ResolveButton } from './resolve-button.tsx';

type ConcernListProps = {
  readonly api: AdminApi;
  readonly concern: Concern;
  onDone(words: string): void;
  onStory(searched: string): void;
  onClose(): void;
};

type Loaded = ConcernRows | null | 'loading';

/** What stands behind a tile. It is read once and again by hand: rows that came and went would move what one is about to click. */
export function ConcernList({ api, concern, onDone, onStory, onClose }: ConcernListProps) {
  const [loaded, setLoaded] = useState<Loaded>('loading');
  const [failure, setFailure] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { id, name, advice, figure } = concern;
  const [figureThen, setFigureThen] = useState(figure);

  const load = () => {
    setFailure(null);
    setFigureThen(figure);
    loadConcern(api, id).then(setLoaded, (error: unknown) => setFailure(failureText(error)));
  };
  useEffect(() => {
    heading.current?.focus();
    load();
  }, []);

  return (
    <section class="concern-list" id="concern-list" aria-labelledby="concern-name">
      <div class="list-head">
        <h2 id="concern-name" ref={heading} tabIndex={-1}>
          {name}
        </h2>
        <p>{advice}</p>
        {loaded === null ? null : (
          <button type="button" class="quiet" onClick={load}>
            {figure === figureThen || id === 'audit' ? 'Read again' : `Read again: now ${figure}`}
          </button>
        )}
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <p role="alert" class="failure">
        {failure}
      </p>
      {loaded === 'loading' || loaded === null ? null : (
        <RowTable api={api} rows={loaded} onDone={onDone} onStory={onStory} />
      )}
    </section>
  );
}

type RowTableProps = Pick<ConcernListProps, 'api' | 'onDone' | 'onStory'> & {
  readonly rows: ConcernRows;
};

function RowTable({ api, rows, onDone, onStory }: RowTableProps) {
  if (rows.rows.length === 0) {
    return <p class="nothing">There is none now.</p>;
  }
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {rows.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <th scope="col">
              <span class="unseen">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.rows.map((row) => (
            <Row key={row.key} api={api} row={row} columns={rows.columns} onDone={onDone} onStory={onStory} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Stays where it is when it is done. */
function Row({
  api,
  row,
  columns,
  onDone,
  onStory,
}: Pick<RowTableProps, 'api' | 'onDone' | 'onStory'> & {
  readonly row: ConcernRow;
  readonly columns: readonly string[];
}) {
  const [isDone, setIsDone] = useState(false);
  const done = useRef<HTMLSpanElement>(null);
  // The button with the focus has been removed.
  useEffect(() => {
    if (isDone && document.activeElement === document.body) {
      done.current?.focus();
    }
  }, [isDone]);
  const { cells, story, action, waiting } = row;
  const finish = (words: string) => {
    setIsDone(true);
    onDone(words);
  };
  return (
    <tr data-done={isDone}>
      {cells.map((cell, index) => (
        <td key={index} data-column={columns[index]}>
          {cell}
        </td>
      ))}
      <td class="row-actions">
        {story === null ? null : (
          <button type="button" class="quiet" onClick={() => onStory(story)}>
            Story
          </button>
        )}
        {isDone ? (
          <span ref={done} tabIndex={-1}>
            Done
          </span>
        ) : null}
        {action === null || isDone ? null : <ActionButton {...action} onDone={finish} />}
        {waiting === undefined || isDone ? null : <ResolveButton api={api} event={waiting} onDone={finish} />}
      </td>
    </tr>
  );
}
