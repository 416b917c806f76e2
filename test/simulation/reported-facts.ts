import type { DomainEvent } from '../../src/domain/events.ts';
import type { PaymentEvent } from '../../src/domain/payment.ts';
import type { SimulatedDatabase } from './simulated-database.ts';

/** Why a fact that was committed may be missing, or an end of a hold be reported by two nodes. */
export type Excuses = {
  /** A process died: what it had committed but not reported died with it. */
  readonly processDied: boolean;
  /** Several nodes, and a commit of unknown outcome: two nodes may have changed the same rows in the same way. */
  readonly nodesMeet: boolean;
  /**
   * A lost commit took place later. An event of an unknown order lies under no product, so no lock waits for
   * that commit: when its command was given up, the engine takes the attempt for rolled back.
   */
  readonly commitsLate: boolean;
};

/** What the engines of all nodes reported to log and metrics, to be compared with the rows that are there at the end. */
export class ReportedFacts {
  readonly #counts = new Map<string, number>();

  add(happened: readonly DomainEvent[]): void {
    for (const event of happened) {
      const fact = factOf(event);
      if (fact !== null) {
        this.#counts.set(fact, (this.#counts.get(fact) ?? 0) + 1);
      }
    }
  }

  /** A sentence for each fact that was not committed, was reported twice or is missing. */
  differences(database: SimulatedDatabase, { processDied, nodesMeet, commitsLate }: Excuses): string[] {
    const holds = [...database.holds.values()];
    const events = [...database.events.values()];
    const factsOf = (rows: readonly PaymentEvent[]) => rows.map(({ key }) => `payment event ${key} taken in`);
    const made = [
      ...holds.map(({ id }) => `hold ${id} created`),
      ...[...database.orders.keys()].map((id) => `order ${id} created`),
    ];
    const ended = holds.filter(({ status }) => status === 'released').map(({ id }) => `hold ${id} ended`);
    // A payment that comes late takes the units of an ended hold again.
    const mayHaveEnded = holds
      .filter(({ status }) => status === 'consumed')
      .map(({ id }) => `hold ${id} ended`);
    const forgotten = factsOf(database.forgotten);
    // One that was deleted is new when it is sent again.
    const timesForgotten = (fact: string) => forgotten.filter((each) => each === fact).length;
    const committed = new Set([...made, ...factsOf(events), ...forgotten, ...ended, ...mayHaveEnded]);
    const mustHaveBeenSeen = commitsLate ? events.filter(({ answer }) => answer.result !== 'parked') : events;
    const due = [...made, ...factsOf(mustHaveBeenSeen), ...(nodesMeet ? [] : ended)];
    return [
      ...due
        .filter((fact) => !processDied && !this.#counts.has(fact))
        .map((fact) => `Not reported: ${fact}.`),
      ...[...this.#counts].flatMap(([fact, count]) =>
        committed.has(fact) ? [] : [`Reported ${count} times, but not committed: ${fact}.`],
      ),
      ...[...this.#counts].flatMap(([fact, count]) =>
        count > 1 + timesForgotten(fact) && !(nodesMeet && fact.endsWith('ended'))
          ? [`Reported ${count} times: ${fact}.`]
          : [],
      ),
    ];
  }
}

/** Facts that each row has once; null for others. */
function factOf(event: DomainEvent): string | null {
  switch (event.kind) {
    case 'hold_created':
      return `hold ${event.hold.id} created`;
    case 'hold_expired':
    case 'hold_released':
      return `hold ${event.hold.id} ended`;
    case 'order_created':
      return `order ${event.order.id} created`;
    case 'payment_event_parked':
      return `payment event ${event.event.key} taken in`;
    case 'payment_event_processed':
      return event.event.answer.result === 'parked' ? null : `payment event ${event.event.key} taken in`;
    default:
      return null;
  }
}
