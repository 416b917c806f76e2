/** The file, or `:memory:`, that a URL such as `sqlite:data/flash-sale.db` names. Null for a URL of another form. */
export function sqlitePath(databaseUrl: string): string | null {
  return /^sqlite:(?:\/\/)?(.+)$/.exec(databaseUrl)?.[1] ?? null;
}

/**
 * A path from the command line as SQLite and the file system both read it: SQLite takes `file:sale.db` for a URI and opens `sale.db`,
 * so a backup of this name was an empty file.
 */
export function literalPath(path: string): string {
  return path.startsWith('file:') ? `./${path}` : path;
}
