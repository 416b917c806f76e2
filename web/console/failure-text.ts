import { CheckoutError, UnreachableError } from '../../src/client/checkout-client.ts';
import { countText } from '../number-text.ts';

/** What some codes say beyond their sentence. */
type Fields = {
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly stock?: number;
  readonly held_stock?: number;
};

/**
 * What an answer says is wrong, field by field where it does, and the id under which the log has it.
 *
 * @throws what is no answer of the checkout: a defect of this page
 */
export function failureText(error: unknown): string {
  if (error instanceof CheckoutError) {
    return `${error.message}${fieldsText(error.problem)} Request ${error.problem.request_id}.`;
  }
  if (error instanceof UnreachableError) {
    return 'The service did not answer, so nobody knows whether this was done. Look before you do it again.';
  }
  throw error;
}

function fieldsText({ errors = [], stock, held_stock }: Fields): string {
  if (stock !== undefined && held_stock !== undefined) {
    const free = countText(stock - held_stock);
    return ` ${countText(held_stock)} of ${countText(stock)} are held, so at most ${free} can be taken away now.`;
  }
  return errors.map(({ field, message }) => ` ${field}: ${message}.`).join('');
}

/** The answer to a wrong token and the one of an API without any have the same code; the second one names the setting. */
export function refusalText(error: unknown): string {
  if (!(error instanceof CheckoutError)) {
    return 'The service does not answer. Is it running?';
  }
  if (error.status === 429) {
    const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
    return `Too many wrong tokens came from your address. Wait ${seconds} s, then enter the token again.`;
  }
  if (error.status !== 401 || error.message.includes('ADMIN_TOKEN')) {
    return error.message;
  }
  return 'This is not the admin token of this service.';
}
