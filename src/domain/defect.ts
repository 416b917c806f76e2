/** A state that the rules exclude. It is never caught to go on: the batch that met it is rolled back. */
export class Defect extends Error {
  override readonly name = 'Defect';
}

/**
 * Throws a Defect unless `condition` holds. Stays on in production: a wrong count must never be committed.
 */
export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new Defect(message);
  }
}
