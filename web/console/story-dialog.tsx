import { useEffect, useState } from 'preact/hooks';
import type { AdminApi } from './admin-api.ts';
import { Dialog } from './dialog.tsx';
import { failureText } from './failure-text.ts';
import { timeText } from './format.ts';
import { Icon } from './icon.tsx';
import { OrderForms } from './order-forms.tsx';
import type { SaleState } from './sale-state.ts';
import { loadStory, type Story } from './story.ts';
import { type StoryEntry, storyEntries } from './story-entries.ts';

type StoryDialogProps = {
  readonly api: AdminApi;
  /** What was typed. */
  readonly searched: string;
  readonly products: SaleState['products'];
  onDone(words: string): void;
  onClose(): void;
};

type Found = { readonly story: Story | null } | { readonly failure: string } | null;

/** One purchase from the hold to the last delivery. */
export function StoryDialog({ api, searched, products, onDone, onClose }: StoryDialogProps) {
  const [found, setFound] = useState<Found>(null);
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    loadStory(api, searched).then(
      (story) => setFound({ story }),
      (error: unknown) => setFound({ failure: failureText(error) }),
    );
  }, [api, searched, changes]);
  const order = found !== null && 'story' in found ? (found.story?.order ?? null) : null;

  return (
    <Dialog title={titleOf(found, searched)} isWide onClose={onClose}>
      <div aria-live="polite" aria-busy={found === null}>
        {found === null ? <p class="nothing">Looking…</p> : null}
        {found !== null && 'failure' in found ? <p class="failure">{found.failure}</p> : null}
        {found !== null && 'story' in found ? <Told story={found.story} products={products} /> : null}
      </div>
      {order === null ? null : (
        <OrderForms
          key={order.status}
          api={api}
          order={order}
          onDone={(words) => {
            setChanges(changes + 1);
            onDone(words);
          }}
        />
      )}
    </Dialog>
  );
}

function titleOf(found: Found, searched: string): string {
  if (found === null || !('story' in found) || found.story === null) {
    return searched;
  }
  const { order, hold } = found.story;
  if (order !== null) {
    return `Order ${order.order_id}: ${order.status.replaceAll('_', ' ')}`;
  }
  return hold === null ? `Payment ${searched}` : `Hold ${hold.hold_id}: ${hold.status}`;
}

function Told({ story, products }: { readonly story: Story | null } & Pick<StoryDialogProps, 'products'>) {
  if (story === null) {
    return (
      <p class="nothing">
        Nothing has this name: no order, no hold, no payment reference and no key of a payment event.
      </p>
    );
  }
  const productId = story.hold?.product_id ?? story.order?.product_id;
  const name = (productId === undefined ? undefined : products.get(productId)?.name) ?? 'a product';
  return (
    <ol class="story">
      {storyEntries(story, name).map((entry) => (
        <Entry key={entry.key} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry: { at, title, details, kind } }: { readonly entry: StoryEntry }) {
  return (
    <li data-kind={kind}>
      <time class="story-time" dateTime={at}>
        {timeText(at)}
      </time>
      <div>
        <p class="story-title">
          {kind === 'trouble' ? <Icon name="act" /> : null}
          {title}
        </p>
        {details.map((detail) => (
          <p key={detail} class="help">
            {detail}
          </p>
        ))}
      </div>
    </li>
  );
}
