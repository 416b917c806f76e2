import { expect } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';

/** What the operator reads when a setting is refused: one line. */
export function refusalOf(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const message = error instanceof Error ? error.message : '';
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('it was accepted');
}
