import { useEffect, useRef } from 'preact/hooks';
import { deadlineOf, type Purchase } from './purchase.ts';
import { PurchaseActions, type PurchaseActionsProps } from './purchase-actions.tsx';
import {
  costText,
  disputeLines,
  itemText,
  refundLines,
  stepOf,
  steps,
  viewOf,
  wordsOf,
} from './purchase-words.ts';
import { timeLeft } from './time-text.ts';
import { useCountdown } from './use-countdown.ts';

/** From then on the clock stands out. */
const urgentMs = 30_000;

/** What is the buyer's, until when, and what to do next. */
export function PurchaseView(props: PurchaseActionsProps) {
  const { purchase } = props;
  // Another view is a new element: nothing that stays is moved by it.
  return purchase.kind === 'none' ? (
    <HowItWorks />
  ) : (
    <Ticket key={viewOf(purchase)} {...props} purchase={purchase} />
  );
}

type TicketProps = PurchaseActionsProps & { readonly purchase: Exclude<Purchase, { kind: 'none' }> };

function Ticket(props: TicketProps) {
  const { purchase, nowMs } = props;
  const { title, sentence } = wordsOf(purchase);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Who does something else meanwhile is left where they are.
    const { activeElement } = document;
    const wasUsed = activeElement === null || activeElement === document.body;
    const hasBegun = purchase.kind === 'asking' && activeElement?.id === `hold-${purchase.item.productId}`;
    if (wasUsed || hasBegun) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  const isWaiting = 'isSlow' in purchase && purchase.isSlow;
  return (
    <section class={`ticket ${viewOf(purchase)}`} aria-labelledby="purchase">
      <div class="stub">
        <Steps step={stepOf(purchase)} />
        <h2 id="purchase" tabIndex={-1} ref={heading}>
          {title}
        </h2>
        <p class="what">
          <span>{itemText(purchase.item)}</span>
          <span class="cost">{costText(purchase)}</span>
        </p>
      </div>
      <div class="body">
        <Clock purchase={purchase} nowMs={nowMs} />
        <p class={isWaiting ? 'sentence waiting' : 'sentence'}>{sentence}</p>
        <OrderNotes purchase={purchase} />
        <PurchaseActions {...props} />
      </div>
    </section>
  );
}

function Steps({ step }: { readonly step: number | null }) {
  if (step === null) {
    return null;
  }
  return (
    <ol class="steps">
      {steps.map((name, place) => (
        <li
          key={name}
          class={place < step ? 'done' : undefined}
          aria-current={place === step ? 'step' : undefined}
        >
          {name}
          {place < step ? <span class="unseen">, done</span> : null}
        </li>
      ))}
    </ol>
  );
}

/** A voice hears of it at some marks only, by the announcer. */
function Clock({ purchase, nowMs }: { readonly purchase: Purchase; readonly nowMs: () => number }) {
  const deadline = deadlineOf(purchase);
  const remainingMs = useCountdown(deadline, nowMs);
  if (deadline === null) {
    return null;
  }
  return (
    <p class={remainingMs <= urgentMs ? 'clock urgent' : 'clock'}>
      <span class="unseen">Time left: </span>
      {timeLeft(remainingMs)}
    </p>
  );
}

function OrderNotes({ purchase }: { readonly purchase: Purchase }) {
  if (purchase.kind !== 'ordered') {
    return null;
  }
  return (
    <div class="notes">
      <p>
        Order number <span class="number">{purchase.order.order_id}</span>
      </p>
      {[...refundLines(purchase.order), ...disputeLines(purchase.order)].map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

function HowItWorks() {
  return (
    <section class="ticket none" aria-labelledby="purchase">
      <div class="stub">
        <h2 id="purchase">How it works</h2>
      </div>
      <ol class="body how">
        <li>
          <strong>Hold</strong> what you want. It is taken out of the sale for you alone, and costs nothing.
        </li>
        <li>
          <strong>Order</strong> before the clock runs out, or give it back.
        </li>
        <li>
          <strong>Pay</strong>, and it is yours. Money that comes too late goes back to you.
        </li>
      </ol>
    </section>
  );
}
