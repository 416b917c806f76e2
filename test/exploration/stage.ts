import type { Command } from '../../src/domain/commands.ts';
import { Defect } from '../../src/domain/defect.ts';
import type { Outcome } from '../../src/domain/outcomes.ts';
import { requestKeyName } from '../../src/domain/request-key.ts';
import type { Rules } from '../../src/domain/state.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { aProduct } from '../support/domain-state.ts';
import { MemoryWorld } from '../support/memory-world.ts';
import { audit } from '../support/world-auditor.ts';
import { answerText } from './answer-text.ts';
import type { Act } from './move.ts';
import { brokenPromise } from './promises.ts';
import type { Role, Scene, Shelf } from './scene.ts';
import { epochMs, type Names, namesOf, nobody, noStory, renamed, type Story } from './story.ts';
import type { StoryBook } from './story-book.ts';
import { priceMinor } from './verb.ts';
import { verbs } from './verbs.ts';
import type { World } from './worlds.ts';

/** What came of a batch. */
export type Played = {
  readonly scene: Scene;
  /** For each command, in words. */
  readonly answers: readonly string[];
  /** The first promise that was broken. */
  readonly wrong: string | null;
};

export type Rulebook = {
  readonly decide?: Decide;
  /** Leaves the service's own checks out. */
  readonly unchecked?: boolean;
};

/**
 * Plays one batch on the whole rows of a scene as the engine does: what the commands need is loaded, the rules decide, both sides are
 * checked, the changes are written. Then all rows are audited, and what changed is held against what was promised.
 */
export class Stage {
  readonly #world: World;
  readonly #book: StoryBook;
  readonly #rulebook: Rulebook;
  readonly #rules: Rules;

  constructor(world: World, book: StoryBook, rulebook: Rulebook) {
    const { holdSeconds, paymentSeconds, parkedMax } = world;
    this.#world = world;
    this.#book = book;
    this.#rulebook = rulebook;
    this.#rules = { holdSeconds, paymentSeconds, parkedMax, eventEndpoints: ['shop'] };
  }

  /**
   * Null when there is nothing that one of the acts could be done with.
   *
   * @param labels a number for each buyer, from which the ids of the rows are made
   */
  play(scene: Scene, acts: readonly Act[], labels: readonly number[]): Played | null {
    const nowMs = instantOf(scene);
    const names = this.#namesOf(scene, labels);
    const before = scene.roles.map(({ story }, index) =>
      renamed(this.#book.factsOf(story).story, names[index] ?? nobody),
    );
    const commands: Command[] = [];
    for (const act of acts) {
      const command = commandOf(act, before, names);
      if (command === null) {
        return null;
      }
      commands.push(command);
    }
    const rows = this.#rowsOf(scene, before);
    const products = new Map(rows.products);
    const done = attempt(() => rows.batch(commands, nowMs));
    if (typeof done === 'string') {
      return { scene, answers: [], wrong: done };
    }
    const after = before.map((story, index) => storyIn(rows, story, names[index] ?? nobody));
    const wrong =
      audit(rows, nowMs)[0] ??
      brokenPromise({
        nowMs,
        rules: this.#rules,
        acts,
        commands,
        before,
        after,
        products: { before: products, after: rows.products },
        decision: done,
        isRationed: this.#world.overdueRowsMax < scene.roles.length,
      });
    return {
      scene: this.#sceneOf(scene, rows, before, after),
      answers: done.outcomes.map((outcome: Outcome) => answerText(outcome)),
      wrong,
    };
  }

  #namesOf(scene: Scene, labels: readonly number[]): Names[] {
    let refundIds = 1;
    return scene.roles.map(({ product, story }, index) => {
      const named = namesOf(labels[index] ?? index, Math.max(1, product), refundIds);
      refundIds += this.#book.factsOf(story).story.refunds.length;
      return named;
    });
  }

  #rowsOf(scene: Scene, stories: readonly Story[]): MemoryWorld {
    const { overdueRowsMax } = this.#world;
    const rows = new MemoryWorld(
      {
        holds: stories.flatMap(({ hold }) => hold ?? []),
        orders: stories.flatMap(({ order }) => order ?? []),
        events: stories.flatMap(({ events }) => events),
        payments: stories.flatMap(({ payments }) => payments),
        refunds: stories.flatMap(({ refunds }) => refunds),
        disputes: stories.flatMap(({ disputes }) => disputes),
      },
      { rules: this.#rules, overdueRowsMax, ...this.#rulebook },
    );
    for (const [index, { stock, held, changes }] of scene.shelves.entries()) {
      const id = index + 1;
      rows.products.set(id, { ...aProduct({ id, stock, priceMinor }), held });
      const change = { id: -id, productId: id, change: changes, reason: 'first stock', createdAtMs: epochMs };
      rows.stockChanges.set(-id, change);
    }
    for (const row of stories.flatMap(({ requestKeys }) => requestKeys)) {
      rows.requestKeys.set(requestKeyName(row.scope, row.key), row);
    }
    return rows;
  }

  #sceneOf(scene: Scene, rows: MemoryWorld, before: readonly Story[], after: readonly Story[]): Scene {
    return {
      isLastMs: scene.isLastMs,
      shelves: scene.shelves.map((_, index) => shelfOf(rows, index + 1)),
      roles: scene.roles.map((role, index): Role => {
        const was = before[index] ?? noStory;
        const is = after[index] ?? noStory;
        return hasSameRows(was, is)
          ? role
          : { product: is.hold?.productId ?? 0, story: this.#book.numberOf(is) };
      }),
    };
  }
}

/** The instant of a scene: its second or the last millisecond of it. */
export function instantOf({ isLastMs }: Pick<Scene, 'isLastMs'>): number {
  return isLastMs ? epochMs + 999 : epochMs;
}

function commandOf({ verb, place }: Act, stories: readonly Story[], names: readonly Names[]): Command | null {
  const { command, place: at } = verbs[verb];
  const story = stories[place];
  const own = names[place];
  if (at === 'product') {
    return command({ story: noStory, names: { ...nobody, productId: place + 1 } });
  }
  return story === undefined || own === undefined ? null : command({ story, names: own });
}

function shelfOf(rows: MemoryWorld, productId: number): Shelf {
  const product = rows.products.get(productId);
  let changes = 0;
  for (const row of rows.stockChanges.values()) {
    changes += row.productId === productId ? row.change : 0;
  }
  return { stock: product?.stock ?? 0, held: product?.held ?? 0, changes };
}

/** A buyer's rows after the batch. */
function storyIn(rows: MemoryWorld, before: Story, { holdId, orderId, text }: Names): Story {
  const isOwn = (row: { readonly holdId: number }): boolean => row.holdId === holdId;
  const mark = text('');
  const isMarked = (key: string): boolean => key.endsWith(mark);
  return {
    hold: rows.holds.get(holdId) ?? null,
    order: rows.orders.get(orderId) ?? [...rows.orders.values()].find(isOwn) ?? null,
    events: [...rows.events.values()].filter(({ key }) => isMarked(key)),
    payments: [...rows.payments.values()].filter(isOwn),
    refunds: [...rows.refunds.values()].filter(isOwn),
    disputes: [...rows.disputes.values()].filter(isOwn),
    requestKeys:
      rows.requestKeys.size === 0
        ? before.requestKeys
        : [...rows.requestKeys.values()].filter(({ key }) => isMarked(key)),
  };
}

/** Rows are never changed in place, so what is the same row has the same content. */
function hasSameRows(was: Story, is: Story): boolean {
  return (
    was.hold === is.hold &&
    was.order === is.order &&
    hasSame(was.events, is.events) &&
    hasSame(was.payments, is.payments) &&
    hasSame(was.refunds, is.refunds) &&
    hasSame(was.disputes, is.disputes) &&
    hasSame(was.requestKeys, is.requestKeys)
  );
}

function hasSame(was: readonly unknown[], is: readonly unknown[]): boolean {
  return was.length === is.length && was.every((row, index) => row === is[index]);
}

/** What a batch gave, or what stopped it: a rule's own check, or a constraint that a database would have. */
function attempt<Done>(batch: () => Done): Done | string {
  try {
    return batch();
  } catch (error) {
    if (error instanceof Defect) {
      return `the rules stop: ${error.message}`;
    }
    if (error instanceof Error) {
      return `the database refuses: ${error.message}`;
    }
    throw error;
  }
}
