import { castOf, labelsOf, overdueOf } from './cast.ts';
import { unsettledIn, wrongCounts } from './counts.ts';
import { Decided, type Wrong } from './decided.ts';
import type { Broken, Explored, Limits, Progress } from './explored.ts';
import { type Act, type Move, moveOf, numberOfMove, ordersOf } from './move.ts';
import { isPackable, Packer, type Scene, unpacked, wordsOf } from './scene.ts';
import { SceneTable } from './scene-table.ts';
import { type Rulebook, Stage } from './stage.ts';
import { StoryBook } from './story-book.ts';
import { type VerbName, verbs } from './verbs.ts';
import type { World } from './worlds.ts';

/** Scenes between two looks at the clock. */
const lookEvery = 256;

/** Meets every scene that a world can come to, those that are the fewest moves away first. */
export class Search {
  readonly world: World;
  readonly #book: StoryBook;
  readonly #stage: Stage;
  readonly #decided: Decided;
  readonly #table: SceneTable;
  readonly #packer: Packer;
  /** Batches of one, by place. */
  readonly #buyerActs: readonly (readonly (readonly [Act])[])[];
  readonly #productActs: readonly (readonly (readonly [Act])[])[];
  readonly #pairs: readonly VerbName[];
  #moves = 0;
  #depth = 0;
  #next = 0;
  #unsettledBefore = 0;
  /** The least that one of our own moves leaves open. */
  #unsettledAfter = 0;

  constructor(world: World, rulebook: Rulebook = {}) {
    this.world = world;
    this.#book = new StoryBook(world);
    this.#stage = new Stage(world, this.#book, rulebook);
    this.#decided = new Decided(this.#stage, this.#book);
    this.#table = new SceneTable(wordsOf(world.buyers));
    this.#packer = new Packer(world.buyers);
    this.#buyerActs = actsOf(world.buyers, world.verbs, 'buyer');
    this.#productActs = actsOf(world.products, world.verbs, 'product');
    this.#pairs = world.verbs.filter((name) => world.batches === 'pairs' && !verbs[name].isChoosy);
  }

  run({ isEnough = () => false }: Limits = {}): Explored {
    this.#table.add(this.#packer.pack(firstScene(this.world)), 0, numberOfMove({ kind: 'time' }));
    let levelEnd = 1;
    while (this.#next < this.#table.size) {
      if (this.#next === levelEnd) {
        levelEnd = this.#table.size;
        this.#depth += 1;
      }
      if (this.#next % lookEvery === 0 && isEnough(this.progress())) {
        return { ...this.progress(), isComplete: false, wrong: null };
      }
      const wrong = this.#explore(this.#next);
      if (wrong !== null) {
        const { moves, wrong: what } = wrong;
        return {
          ...this.progress(),
          isComplete: false,
          wrong: { wrong: what, moves: [...this.#wayTo(this.#next), ...moves] },
        };
      }
      this.#next += 1;
    }
    return { ...this.progress(), isComplete: true, wrong: null };
  }

  progress(): Progress {
    return {
      world: this.world.name,
      scenes: this.#table.size,
      frontier: this.#table.size - this.#next,
      moves: this.#moves,
      depth: this.#depth,
      asked: this.#decided.asked,
      askedAgain: this.#decided.askedAgain,
      stories: this.#book.size,
      bytes: this.#table.bytes,
    };
  }

  /** What comes of a move, played on whole rows once more, with the answers in words. */
  replay(scene: Scene, move: Move): { readonly after: Scene; readonly answers: readonly string[] } {
    switch (move.kind) {
      case 'time':
        return { after: this.#later(scene), answers: [] };
      case 'comes back':
        return { after: withoutStory(scene, move.place), answers: [] };
      case 'batch': {
        const overdue = overdueOf(scene, castOf(scene, move.acts, this.#book), this.#book);
        const labels = labelsOf(scene.roles.length, overdue, ordersOf(overdue.length)[move.tie] ?? []);
        const played = this.#stage.play(scene, move.acts, labels);
        return { after: played?.scene ?? scene, answers: played?.answers ?? [] };
      }
    }
  }

  /** The words of a scene, in which it has been put in order. */
  words(scene: Scene): Int32Array {
    return this.#packer.pack(scene);
  }

  /** Tries every move of a scene. */
  #explore(index: number): Broken | null {
    const { products, buyers, comingBack } = this.world;
    const scene = unpacked(this.#table.words, index * wordsOf(buyers), products, buyers);
    this.#unsettledBefore = unsettledIn(scene, this.#book);
    this.#unsettledAfter = this.#unsettledBefore;
    let broken = this.#try(index, scene, this.#later(scene), { kind: 'time' });
    for (let place = 0; place < buyers && broken === null; place += 1) {
      const role = scene.roles[place];
      const before = scene.roles[place - 1];
      // Two with the same story are the same: what the one does the other need not do too.
      if (role === undefined || (before?.story === role.story && before.product === role.product)) {
        continue;
      }
      if (comingBack && this.#book.factsOf(role.story).isForgettable) {
        broken = this.#try(index, scene, withoutStory(scene, place), { kind: 'comes back', place });
      }
      broken ??= this.#tryAll(index, scene, this.#buyerActs[place] ?? []);
    }
    for (let place = 0; place < products && broken === null; place += 1) {
      const mayRestock = (scene.shelves[place]?.changes ?? 0) < this.world.stockMax;
      const acts = this.#productActs[place] ?? [];
      broken = this.#tryAll(
        index,
        scene,
        mayRestock ? acts : acts.filter(([act]) => act.verb !== 'restocks'),
      );
    }
    if (broken === null && this.#unsettledBefore > 0 && this.#unsettledAfter >= this.#unsettledBefore) {
      const wrong =
        'nothing that the service or its operator can do here brings what is open nearer to its end';
      return { wrong, moves: [] };
    }
    return broken ?? this.#wrongPair(scene);
  }

  #tryAll(index: number, scene: Scene, batches: readonly (readonly [Act])[]): Broken | null {
    for (const acts of batches) {
      const cast = castOf(scene, acts, this.#book);
      const ties = this.#decided.ties(scene, acts, cast);
      for (let tie = 0; tie < ties; tie += 1) {
        const after = this.#decided.after(scene, acts, cast, tie);
        const broken = after && this.#try(index, scene, after, { kind: 'batch', acts, tie });
        if (broken !== null) {
          return broken;
        }
      }
    }
    return null;
  }

  /** Looks at what came of a move, and keeps the scene if it is new. */
  #try(index: number, scene: Scene, after: Scene | Wrong, move: Move): Broken | null {
    this.#moves += 1;
    if ('wrong' in after) {
      return { wrong: after.wrong, moves: [move] };
    }
    if (after === scene) {
      return null;
    }
    if (this.#unsettledAfter >= this.#unsettledBefore && isOurs(move)) {
      this.#unsettledAfter = unsettledIn(after, this.#book);
    }
    if (!isPackable(after) || this.#table.add(this.#packer.pack(after), index, numberOfMove(move))) {
      const wrong = wrongCounts(after, this.#book);
      return wrong === null ? null : { wrong, moves: [move] };
    }
    return null;
  }

  #later(scene: Scene): Scene {
    if (this.world.instants === 'last ms' && !scene.isLastMs) {
      return { ...scene, isLastMs: true };
    }
    return {
      isLastMs: false,
      shelves: scene.shelves,
      roles: scene.roles.map(({ product, story }) => ({ product, story: this.#book.aSecondLater(story) })),
    };
  }

  /** Two commands in one batch come to what they come to one after the other. */
  #wrongPair(scene: Scene): Broken | null {
    const acts = this.#pairs.flatMap((verb) =>
      (verbs[verb].place === 'buyer' ? scene.roles : scene.shelves).flatMap((_, place) => {
        const act: Act = { verb, place };
        const after = this.#alone(scene, [act]);
        return after === null ? [] : [{ act, changes: after !== scene }];
      }),
    );
    for (const first of acts) {
      for (const second of acts) {
        const broken =
          first.changes || second.changes ? this.#wrongTogether(scene, [first.act, second.act]) : null;
        if (broken !== null) {
          return broken;
        }
      }
    }
    return null;
  }

  #wrongTogether(scene: Scene, acts: readonly [Act, Act]): Broken | null {
    const [first, second] = acts.toSorted((a, b) => verbs[a.verb].rank - verbs[b.verb].rank);
    const together = this.#alone(scene, acts);
    const moves: Move[] = [{ kind: 'batch', acts, tie: 0 }];
    this.#moves += 1;
    if (together === null || first === undefined || second === undefined) {
      return null;
    }
    if ('wrong' in together) {
      return { wrong: together.wrong, moves };
    }
    const between = this.#alone(scene, [first]);
    const apart = between === null || 'wrong' in between ? between : this.#alone(between, [second]);
    return apart === null || 'wrong' in apart || this.#isSame(apart, together)
      ? null
      : { wrong: 'the batch came to something else than its commands one after the other', moves };
  }

  #alone(scene: Scene, acts: readonly Act[]): Scene | Wrong | null {
    return this.#decided.after(scene, acts, castOf(scene, acts, this.#book), 0);
  }

  #isSame(a: Scene, b: Scene): boolean {
    const words = this.#packer.pack(a).slice();
    return this.#packer.pack(b).every((word, at) => word === words[at]);
  }

  #wayTo(index: number): Move[] {
    const moves: Move[] = [];
    for (let at = index; at !== 0; at = this.#table.parentOf(at)) {
      moves.unshift(moveOf(this.#table.moveTo(at)));
    }
    return moves;
  }
}

export function firstScene({ products, stock, buyers }: World): Scene {
  return {
    isLastMs: false,
    shelves: Array.from({ length: products }, () => ({ stock, held: 0, changes: stock })),
    roles: Array.from({ length: buyers }, () => ({ product: 0, story: 0 })),
  };
}

function actsOf(places: number, names: readonly VerbName[], at: 'buyer' | 'product') {
  return Array.from({ length: places }, (_, place) =>
    names.filter((verb) => verbs[verb].place === at).map((verb) => [{ verb, place }] as const),
  );
}

function withoutStory(scene: Scene, place: number): Scene {
  return { ...scene, roles: scene.roles.map((role, at) => (at === place ? { product: 0, story: 0 } : role)) };
}

function isOurs(move: Move): boolean {
  return move.kind === 'time' || (move.kind === 'batch' && move.acts.every(({ verb }) => verbs[verb].isOurs));
}
