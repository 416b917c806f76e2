import type { CutLine } from '../support/cut-line.ts';

/** Something that goes wrong for a while. */
export type Fault = {
  /** By which faults are counted: `node killed`. */
  readonly kind: string;
  /** To what it happens: `node 2`. */
  readonly victim: string;
  /** How long it lasts, at least and at most. */
  readonly lastsMs: readonly [number, number];
  begin(): Promise<void>;
  /** Resolves when all is as it was before. */
  end(): Promise<void>;
};

/** A process, or a server of several, that goes on after whatever is done to it. */
export interface Victim {
  /** `node`, and with it the victims of one kind are counted. */
  readonly kind: string;
  /** `node 2` */
  readonly name: string;
  /** In the middle of whatever it does. */
  kill(): Promise<void>;
  /** Resolves when it works again. */
  restart(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** `kill -9`, and then a start on what is left. */
export function killed(victim: Victim, lastsMs: Fault['lastsMs'] = [0, 3_000]): Fault {
  return {
    kind: `${victim.kind} killed`,
    victim: victim.name,
    lastsMs,
    begin: () => victim.kill(),
    end: () => victim.restart(),
  };
}

/** SIGSTOP: connections stay, and nothing is answered. Others give it up when it lasts longer than they wait. */
export function frozen(victim: Victim): Fault {
  return {
    kind: `${victim.kind} frozen`,
    victim: victim.name,
    lastsMs: [300, 7_000],
    begin: () => victim.freeze(),
    end: () => victim.thaw(),
  };
}

/** A line, and what it leads to in words. */
export type Line = { readonly name: string; readonly scissors: CutLine };

/** All connections fall, and none is made. */
export function severed({ name, scissors }: Line): Fault {
  return {
    kind: 'line severed',
    victim: name,
    lastsMs: [100, 3_000],
    begin: async () => scissors.cut(),
    end: async () => scissors.mend(),
  };
}

/** Some messages arrive by half, and their connections fall. */
export function cutInMessages({ name, scissors }: Line): Fault {
  return {
    kind: 'message cut',
    victim: name,
    lastsMs: [100, 500],
    begin: async () => scissors.cutNextMessages(3),
    end: async () => scissors.mend(),
  };
}
