import { CheckoutError, UnreachableError } from '../../src/client/checkout-client.ts';

type FieldErrors = { readonly errors?: readonly { readonly field: string; readonly message: string }[] };

/**
 * What an answer says is wrong, field by field where it does, and the id under which the log has it.
 *
 * @throws what is no answer of the checkout: a defect of this page
 */
export function failureText(error: unknown): string {
  if (error instanceof CheckoutError) {
    const { errors = [] } = error.problem as FieldErrors;
    const fields = errors.map(({ field, message }) => ` ${field}: ${message}.`).join('');
    return `${error.message}${fields} Request ${error.problem.request_id}.`;
  }
  if (error instanceof UnreachableError) {
    return 'The service did not answer, so nobody knows whether this was done. Look before you do it again.';
  }
  throw error;
}

/** The answer to a wrong token and the one of an API without any have the same code; the second one names the setting. */
export function refusalText(error: unknown): string {
  if (!(error instanceof CheckoutError)) {
    return 'The service does not answer. Is it running?';
  }
  if (error.status !== 401 || error.message.includes('ADMIN_TOKEN')) {
    return error.message;
  }
  return 'This is not the admin token of this service.';
}
