import { type CheckoutClient, countdown, type Order } from '../../src/client/checkout-client.ts';
import { thisDevice } from '../../src/client/device.ts';
import { randomKey } from '../../src/client/random-key.ts';
import { Calls } from './calls.ts';
import { holdAtOpening } from './hold-at-opening.ts';
import { OrderWatch } from './order-watch.ts';
import {
  deadlineOf,
  type Item,
  nextPurchase,
  noPurchase,
  type PaymentAction,
  type Purchase,
  type PurchaseEvent,
} from './purchase.ts';
import { refusalOf } from './refusals.ts';
import { simulatePayment } from './simulated-payment.ts';
import {
  fromText,
  isKept,
  type PurchaseStorage,
  type StoredPurchase,
  toKeep,
  toText,
} from './stored-purchase.ts';

/** How long to wait when the deadline has come by the page's clock and not yet by the checkout's. */
const clockGapMs = 500;

/** Does what a purchase needs: calls the checkout, watches deadline and order, keeps what a reload needs. */
export class PurchaseFlow {
  readonly #client: CheckoutClient;
  readonly #storage: PurchaseStorage;
  readonly #changed: (purchase: Purchase) => void;
  readonly #calls = new Calls({
    slow: () => this.#enter({ type: 'no_answer_yet' }),
    failed: (error) => this.#failed(error),
  });
  #purchase: Purchase = noPurchase;
  #deadline: string | null = null;
  #stopCountdown = () => {};
  #orderWatch: OrderWatch | null = null;

  /** @param changed is given the purchase each time that it has become another one */
  constructor(client: CheckoutClient, storage: PurchaseStorage, changed: (purchase: Purchase) => void) {
    this.#client = client;
    this.#storage = storage;
    this.#changed = changed;
  }

  /** Goes on with what is under way on this device, also when another tab has begun it. */
  start(): void {
    const stored = this.#stored();
    if (stored === null) {
      this.#storage.write(null);
    } else {
      this.#restore(stored);
    }
    this.#storage.watch(() => this.#follow());
  }

  hold(item: Item): void {
    this.#ask(item, randomKey(), false);
  }

  /** Once more. The same wish again finds out what has become of the first one, if that is not known. */
  holdAgain(quantity: number): void {
    const purchase = this.#purchase;
    if (purchase.kind === 'none') {
      return;
    }
    const isSame = purchase.kind === 'refused' && purchase.item.quantity === quantity;
    this.#ask({ ...purchase.item, quantity }, isSame ? purchase.key : randomKey(), isSame);
  }

  order(): void {
    const purchase = this.#enter({ type: 'order_wanted' });
    if (purchase?.kind === 'held') {
      this.#calls.make(async (signal) => {
        this.#orderSeen(await this.#client.order({ hold_id: purchase.holdId }, { signal }));
      });
    }
  }

  giveBack(): void {
    const purchase = this.#enter({ type: 'give_back_wanted' });
    if (purchase?.kind === 'held') {
      this.#calls.make(async (signal) => {
        await this.#client.releaseHold(purchase.holdId, { signal });
        this.#enter({ type: 'given_back' });
      });
    }
  }

  /** Only where payments are simulated. */
  pay(action: PaymentAction): void {
    const payment = this.#purchase.kind === 'ordered' ? this.#purchase.order.payment : null;
    if (payment !== null && this.#enter({ type: 'payment_wanted' }) !== null) {
      this.#calls.make(async () => {
        await simulatePayment(payment.client_secret, action);
        this.#enter({ type: 'payment_sent', action });
        this.#orderWatch?.soon();
      });
    }
  }

  cancel(): void {
    const purchase = this.#enter({ type: 'cancel_wanted' });
    if (purchase?.kind === 'ordered') {
      const { order_id } = purchase.order;
      this.#calls.make(async (signal) => {
        this.#orderSeen(await this.#client.cancelOrder(order_id, { signal }));
      });
    }
  }

  close(): void {
    this.#calls.callOff();
    this.#enter({ type: 'closed' });
  }

  /** The page was away, with a sleeping phone for example: what it shows may be old. */
  lookAgain(): void {
    this.#orderWatch?.soon();
    if (this.#purchase.kind === 'held' && this.#purchase.doing === null) {
      this.#look(this.#purchase.holdId);
    }
  }

  /** @returns the purchase that the event has led to, or null when it means nothing now */
  #enter(event: PurchaseEvent): Purchase | null {
    const before = this.#purchase;
    const purchase = nextPurchase(before, event);
    if (purchase === before) {
      return null;
    }
    this.#purchase = purchase;
    const kept = toKeep(before, purchase, Date.now());
    if (kept !== 'as_before') {
      this.#storage.write(kept === null ? null : toText(kept));
    }
    this.#watchDeadline();
    this.#watchOrder();
    this.#changed(this.#purchase);
    return purchase;
  }

  #watchDeadline(): void {
    const deadline = deadlineOf(this.#purchase);
    if (deadline === this.#deadline) {
      return;
    }
    this.#deadline = deadline;
    this.#stopCountdown();
    this.#stopCountdown =
      deadline === null
        ? () => {}
        : countdown(
            deadline,
            () => this.#client.nowMs(),
            (remainingMs) => {
              if (remainingMs === 0) {
                this.#deadlineCame();
              }
            },
          );
  }

  #deadlineCame(): void {
    this.#orderWatch?.soon();
    const purchase = this.#enter({ type: 'deadline_came' });
    if (purchase?.kind === 'held') {
      this.#look(purchase.holdId);
    }
  }

  #watchOrder(): void {
    const order = this.#purchase.kind === 'ordered' ? this.#purchase.order : null;
    if (this.#orderWatch?.orderId !== order?.order_id) {
      this.#orderWatch?.stop();
      this.#orderWatch =
        order === null ? null : new OrderWatch(this.#client, order, (seen) => this.#orderSeen(seen));
    }
  }

  #orderSeen(order: Order): void {
    this.#enter({ type: 'order_answered', order });
  }

  #ask(item: Item, key: string, isRepeated: boolean): void {
    if (this.#enter({ type: 'hold_wanted', item, key }) === null) {
      return;
    }
    this.#calls.make(async (signal) => {
      const wanted = { product_id: item.productId, qty: item.quantity };
      const hold = await holdAtOpening(
        () => this.#client.hold(wanted, { key, signal }),
        () => this.#client.nowMs(),
      );
      if (isRepeated) {
        // The answer is the first one again, however long ago that was.
        await this.#see(hold.hold_id, signal);
      } else {
        this.#enter({ type: 'hold_answered', hold });
      }
    });
  }

  /** Shows what the checkout says of a hold, and of the order that it has become. */
  async #see(holdId: number, signal: AbortSignal): Promise<void> {
    const hold = await this.#client.getHold(holdId, { signal });
    if (hold.order_id === null) {
      this.#enter({ type: 'hold_answered', hold });
    } else {
      this.#orderSeen(await this.#client.getOrder(hold.order_id, { signal }));
    }
  }

  #look(holdId: number): void {
    this.#calls.insist(async (signal) => {
      await this.#see(holdId, signal);
      while (this.#purchase.kind === 'held' && this.#purchase.doing === 'looking') {
        await thisDevice.pause(clockGapMs, signal);
        await this.#see(holdId, signal);
      }
    });
  }

  #lookForOrder(orderId: number): void {
    this.#calls.insist(async (signal) => this.#orderSeen(await this.#client.getOrder(orderId, { signal })));
  }

  #stored(): StoredPurchase | null {
    return fromText(this.#storage.read(), Date.now());
  }

  #restore(stored: StoredPurchase): void {
    if (stored.step === 'asking') {
      this.#ask(stored.item, stored.key, true);
      return;
    }
    this.#enter({ type: 'restoring', item: stored.item });
    if (stored.step === 'held') {
      this.#look(stored.holdId);
    } else {
      this.#lookForOrder(stored.orderId);
    }
  }

  /** Another tab has gone on: this one shows the same. */
  #follow(): void {
    const stored = this.#stored();
    if (stored === null) {
      this.lookAgain();
    } else if (stored.step !== 'asking' && !isKept(this.#purchase, stored)) {
      this.#calls.callOff();
      this.#purchase = noPurchase;
      this.#restore(stored);
    }
  }

  /** The refusal of a step. Where a tab beside this one was faster, or an answer was lost, it shows how far the purchase is. */
  #failed(error: unknown): void {
    const refusal = refusalOf(error, this.#client.nowMs());
    const purchase = this.#purchase;
    const orderId = refusal.problem?.order_id;
    if (purchase.kind === 'held' && refusal.code === 'hold_already_ordered' && orderId !== undefined) {
      this.#lookForOrder(orderId);
    } else if (purchase.kind === 'held' && refusal.code === 'hold_consumed') {
      this.#look(purchase.holdId);
    } else {
      this.#enter({ type: 'refused', refusal });
      this.#orderWatch?.soon();
    }
  }
}
