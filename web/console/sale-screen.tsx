import { useCallback, useState } from 'preact/hooks';
import type { AdminApi } from './admin-api.ts';
import { ConcernList } from './concern-list.tsx';
import { ConcernTiles } from './concern-tiles.tsx';
import { type ConcernId, concernsOf } from './concerns.ts';
import type { Failure } from './failure-text.ts';
import { Notices } from './notices.tsx';
import { ProductList } from './product-list.tsx';
import { Pulse } from './pulse.tsx';
import { StoryDialog } from './story-dialog.tsx';
import { TopLine } from './top-line.tsx';
import { useNow } from './use-now.ts';
import { useSale } from './use-sale.ts';

type SaleScreenProps = {
  readonly api: AdminApi;
  /** @param why the reason when it was not the person who wanted to leave */
  onLeave(why: Failure | null): void;
};

/** The sale on one screen: how it goes, what needs somebody, its pulse, its products. */
export function SaleScreen({ api, onLeave }: SaleScreenProps) {
  const { sale, connectNow } = useSale(api, onLeave);
  const nowMs = useNow(api.client.nowMs);
  const [open, setOpen] = useState<ConcernId | null>(null);
  const [searched, setSearched] = useState<string | null>(null);
  const [notice, setNotice] = useState('');
  const closeList = useCallback(() => setOpen(null), []);

  const concerns = sale.attention === null ? [] : concernsOf(sale.attention, sale.audit, nowMs);
  const opened = concerns.find(({ id }) => id === open);
  return (
    <div class="screen" data-stream={sale.stream.kind}>
      <TopLine
        sale={sale}
        nowMs={nowMs}
        onConnect={connectNow}
        onSearch={setSearched}
        onLeave={() => onLeave(null)}
      />
      <main>
        <ConcernTiles concerns={concerns} open={open} onOpen={setOpen} />
        {opened === undefined ? null : (
          <ConcernList
            key={opened.id}
            api={api}
            concern={opened}
            onDone={setNotice}
            onStory={setSearched}
            onClose={closeList}
          />
        )}
        <Pulse sale={sale} />
        <ProductList api={api} sale={sale} nowMs={nowMs} onDone={setNotice} />
      </main>
      <Notices words={notice} onDismiss={() => setNotice('')} />
      {searched === null ? null : (
        <StoryDialog
          key={searched}
          api={api}
          searched={searched}
          products={sale.products}
          onDone={setNotice}
          onClose={() => setSearched(null)}
        />
      )}
    </div>
  );
}
