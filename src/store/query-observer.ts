/**
 * Told of each statement after it ran: its text with placeholders, never its values, and how long it took.
 */
export type QueryObserver = (sql: string, durationMs: number) => void;
