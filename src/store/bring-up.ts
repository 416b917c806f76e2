import { setTimeout as pause } from 'node:timers/promises';
import type { SchemaState, Store } from './store.ts';

export type BringUpOptions = {
  /** Bring the schema up to date; otherwise wait until somebody else has. */
  readonly migrate: boolean;
  /** What has to be done once before serving, with the right schema. Done again when it fails. */
  readonly prepare?: () => Promise<void>;
  /** Told once for each new reason why the database cannot be used yet, in words for the operator. */
  readonly waiting: (reason: string) => void;
  /** Stops waiting. */
  readonly signal: AbortSignal;
  readonly retryMs: number;
};

const wrongSchema: Readonly<Record<Exclude<SchemaState, 'current'>, string>> = {
  too_old: 'its schema is older than this version needs: run bin/flash-sale migrate',
  too_new: 'its schema is newer than this version knows: upgrade this node',
};

/**
 * Waits until the database can be reached and has the schema that this version knows. A database that is
 * away, full, read-only or of another version is no reason to end the process, which would only be started
 * again.
 */
export async function bringUp(store: Store, options: BringUpOptions): Promise<void> {
  let lastReason: string | null = null;
  for (;;) {
    const reason = await attempt(store, options);
    if (reason === null || options.signal.aborted) {
      return;
    }
    if (reason !== lastReason) {
      lastReason = reason;
      options.waiting(reason);
    }
    // Rejects when it is stopped, which the next round sees.
    await pause(options.retryMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function attempt(store: Store, { migrate, prepare }: BringUpOptions): Promise<string | null> {
  try {
    let state = await store.schemaState();
    if (state === 'too_old' && migrate) {
      await store.migrate();
      state = await store.schemaState();
    }
    if (state !== 'current') {
      return wrongSchema[state];
    }
    await prepare?.();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
