import { answerMsMax, type Message, type SendMessage } from '../deliveries/event-sender.ts';
import { type Attempted, afterAttempt } from '../deliveries/retry-schedule.ts';
import type { Delivery, OutgoingEvent } from '../domain/outgoing-event.ts';
import type { DeliveryOfEvent, Outbox } from '../store/outbox.ts';
import type { RunOnce } from './worker.ts';

/** Deliveries of one round. What is left over is found by the next one. A round takes two writes of its own: with 500 they are few. */
const deliveriesPerRound = 500;
/**
 * Deliveries to one endpoint that are under way at the same time; they are of different orders. With 10, and 100 a round, a sale at 80 % of its
 * capacity had 37,000 of 97,000 events delivered after a minute; with these, all but some hundred.
 */
const parallelMax = 32;
/** Results of one write. Buyers wait for it, and those that failed are written one by one: each has an instant of its own to be tried again. */
const recordedMax = 100;
/**
 * How long an endpoint belongs to one process. Nothing is sent any more when what is left could be too short for an answer and for
 * writing it down, so nobody else sends the same in the meantime.
 */
const leaseMs = 30_000;
const sendingMs = leaseMs - answerMsMax - 5_000;
/** How often to look when there is nothing to do: how late an event may leave. */
const idleRestMs = 500;
/**
 * Where very many events wait behind others that could not be delivered, a look takes its time: up to 0.17 s for 3,000 of them. Then it
 * is done less often.
 */
const idlePerLook = 10;
/** How often to look at an endpoint that is switched off, or that another process has. */
const awayRestMs = 5_000;

/** Who is told what came of deliveries. */
export type DeliveryListener = {
  /** After an attempt, with the delivery as it is from now on. */
  attempted(delivery: Delivery, event: OutgoingEvent): void;
  /** The receiver has said that it wants no more events. */
  switchedOff(endpoint: string, reason: string): void;
};

export type DeliveryParts = {
  readonly outbox: Pick<Outbox, 'deliveriesDue'>;
  /** What writes; run where it does not compete with a sale. */
  readonly writes: Pick<Outbox, 'leaseEndpoint' | 'recordDeliveries' | 'switchEndpoint'>;
  readonly send: SendMessage;
  readonly messageOf: (event: OutgoingEvent) => Omit<Message, 'url'>;
  /** Tells this process from every other. */
  readonly holder: string;
  /** The database's clock, in ms since 1970. */
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Nothing more is sent from then on. */
  readonly stopping: AbortSignal;
  /** What is under way is given up. */
  readonly ending: AbortSignal;
  readonly told: DeliveryListener;
};

/**
 * Delivers the events of one endpoint that are due. Each is delivered at least once:
 *
 * - a crash before the request: the delivery is still due, and is sent later
 * - a crash between the request and the record of it: it is sent again, under the same id
 * - a record that could not be written is kept in memory and written by the next round, before it sends anything
 *
 * A process takes the endpoint for a time before it sends, so several workers do not send the same. Of one order there is only one
 * delivery under way, and the next follows when it was delivered or given up: so they arrive in the order in which things happened.
 */
export function deliveryRound(
  endpoint: { readonly id: string; readonly url: URL },
  parts: DeliveryParts,
): RunOnce {
  const { outbox, writes, holder, nowMs, stopping } = parts;
  const unwritten = new Map<number, Delivery>();
  let writing: Promise<void> | null = null;
  /** The receiver wants to be left alone until then. */
  let pausedUntilMs = 0;

  return async () => {
    await writeDown();
    if (pausedUntilMs > nowMs()) {
      return pausedUntilMs - nowMs();
    }
    // A look costs less than the lease, which is a write.
    const lookedAtMs = nowMs();
    if (stopping.aborted || (await outbox.deliveriesDue(endpoint.id, 1)).length === 0) {
      return Math.max(idleRestMs, idlePerLook * (nowMs() - lookedAtMs));
    }
    const sendUntilMs = nowMs() + sendingMs;
    const { leased, switchedOffAtMs } = await writes.leaseEndpoint(endpoint.id, holder, leaseMs);
    if (!leased) {
      return awayRestMs;
    }
    try {
      return switchedOffAtMs === null ? await deliverDue(sendUntilMs) : awayRestMs;
    } finally {
      // What could not be written down would be sent again by the next holder.
      if (unwritten.size === 0) {
        await writes.leaseEndpoint(endpoint.id, holder, 0);
      }
    }
  };

  async function deliverDue(sendUntilMs: number): Promise<number> {
    // Read under the lease: what another process has just delivered is not among them.
    const due = await outbox.deliveriesDue(endpoint.id, deliveriesPerRound);
    const waiting = due.values();
    const attempts: Attempted[] = [];
    let gone: string | null = null;
    let failed = false;
    const mayBegin = () =>
      !failed && gone === null && !stopping.aborted && nowMs() < sendUntilMs && nowMs() >= pausedUntilMs;

    async function deliverInTurn(): Promise<void> {
      // The lines share one iterator: each takes the next that nobody has taken.
      for (const each of waiting) {
        if (!mayBegin()) {
          return;
        }
        const attempted = await attempt(each);
        if (attempted !== null) {
          attempts.push(attempted);
          gone ??= attempted.kind === 'gone' ? attempted.error : null;
          // The next is sent meanwhile: a write waits for a batch, and many results share one.
          writeDown().catch(() => {
            failed = true;
          });
        }
      }
    }
    const lines = Array.from({ length: parallelMax }, () =>
      deliverInTurn().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    );
    // All of them have ended, and all is written, before the lease ends, also when one of them failed.
    await Promise.allSettled(lines);
    await writeDown();
    await Promise.all(lines);
    if (gone !== null) {
      await writes.switchEndpoint(endpoint.id, 'off', gone);
      parts.told.switchedOff(endpoint.id, gone);
      return awayRestMs;
    }
    // What was delivered may have been waited for by the next event of its order.
    const mayHaveMore =
      due.length === deliveriesPerRound || attempts.some(({ kind }) => kind === 'delivered');
    return mayHaveMore ? 0 : idleRestMs;
  }

  /** Sends once and leaves what came of it to be written; null when the process ends meanwhile, as nobody knows then. */
  async function attempt({ delivery, event }: DeliveryOfEvent): Promise<Attempted | null> {
    const attempted = await parts.send({ url: endpoint.url, ...parts.messageOf(event) }, parts.ending);
    if (attempted.kind === 'failed') {
      if (parts.ending.aborted) {
        return null;
      }
      pausedUntilMs = Math.max(pausedUntilMs, nowMs() + (attempted.retryAfterMs ?? 0));
    }
    const after = afterAttempt(delivery, attempted, nowMs(), parts.random);
    unwritten.set(after.id, after);
    parts.told.attempted(after, event);
    return attempted;
  }

  /** Writes all that is known by now, one write after the other: what comes in meanwhile shares the next. */
  async function writeDown(): Promise<void> {
    while (unwritten.size > 0) {
      writing ??= writeOnce().finally(() => {
        writing = null;
      });
      await writing;
    }
  }

  async function writeOnce(): Promise<void> {
    const written = [...unwritten.values()].slice(0, recordedMax);
    await writes.recordDeliveries(written);
    for (const delivery of written) {
      unwritten.delete(delivery.id);
    }
  }
}
