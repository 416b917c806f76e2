import type { Config } from '../config/options.ts';
import type { ProductSnapshot } from '../domain/product.ts';

/** What the primary process tells a server process. */
export type ToServer =
  /** Comes first. The worker of a process runs where `config.worker` says so. */
  | { readonly kind: 'start'; readonly config: Config }
  | { readonly kind: 'stop' }
  | { readonly kind: 'snapshots'; readonly snapshots: readonly ProductSnapshot[] }
  | { readonly kind: 'sibling_died' };

/** What a server process tells the primary process. */
export type FromServer =
  | { readonly kind: 'listening'; readonly url: string }
  /** It reached the database. */
  | { readonly kind: 'ready' }
  /** It ends without having served, for a reason that is told in one line. */
  | { readonly kind: 'failed'; readonly line: string; readonly exitCode: number }
  | { readonly kind: 'snapshots'; readonly snapshots: readonly ProductSnapshot[] };
