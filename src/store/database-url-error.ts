/** A `DATABASE_URL` that cannot be used. The message is one line for the operator and holds nothing secret. */
export class DatabaseUrlError extends TypeError {
  override readonly name = 'DatabaseUrlError';
}
