/** The file, or `:memory:`, that a URL such as `sqlite:data/flash-sale.db` names. Null for a URL of another form. */
export function sqlitePath(databaseUrl: string): string | null {
  return /^sqlite:(?:\/\/)?(.+)$/.exec(databaseUrl)?.[1] ?? null;
}
