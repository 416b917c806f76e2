import { CheckoutError, UnreachableError } from '../../src/client/checkout-client.ts';
import { countText } from '../number-text.ts';

/** The reasons of a refusal, each in one place only. */
export type Failure = {
  /** Reasons without a field; empty when every reason has its field. */
  readonly summary: string;
  /** A reason for each field, by the field's name in the API. */
  readonly fields: Readonly<Record<string, string>>;
};

type FieldError = { readonly field: string; readonly message: string };

/** The fields that some codes have beside their sentence. */
type Fields = {
  readonly errors?: readonly FieldError[];
  readonly stock?: number;
  readonly held_stock?: number;
};

/**
 * Divides the reasons of an answer between the fields of a form and a summary. The summary has the id of the request for the log.
 *
 * @param names the form's fields
 * @throws what is no answer of the checkout: a defect of this page
 */
export function failureOf(error: unknown, names: readonly string[] = []): Failure {
  if (error instanceof UnreachableError) {
    const summary =
      'The service did not respond, so the result is unknown. Check the current state before you repeat this.';
    return { summary, fields: {} };
  }
  if (!(error instanceof CheckoutError)) {
    throw error;
  }
  const errors = fieldErrorsOf(error);
  const isOwn = ({ field }: FieldError) => names.includes(field);
  const others = errors.filter((each) => !isOwn(each)).map(({ field, message }) => `${field}: ${message}.`);
  const sentences = errors.length === 0 ? [error.message] : others;
  return {
    summary: sentences.length === 0 ? '' : `${sentences.join(' ')} Request ${error.problem.request_id}.`,
    fields: Object.fromEntries(
      errors.filter(isOwn).map(({ field, message }) => [field, asSentence(message)]),
    ),
  };
}

/** The whole answer in one text, for actions without a form. */
export function failureText(error: unknown): string {
  return failureOf(error).summary;
}

function fieldErrorsOf({ message, problem }: CheckoutError): readonly FieldError[] {
  const { errors = [], stock, held_stock }: Fields = problem;
  if (stock === undefined || held_stock === undefined) {
    return errors;
  }
  const held = `${countText(held_stock)} of ${countText(stock)} are held, so at most ${countText(stock - held_stock)} can be taken away now`;
  return [{ field: 'change', message: `${message} ${held}` }];
}

function asSentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`;
}

/** The reason why the service refuses a token. An API without a token answers with the same code as to a wrong token, and names the setting. */
export function refusalOf(error: unknown): Failure {
  if (!(error instanceof CheckoutError)) {
    return { summary: 'The service does not respond. Is it running?', fields: {} };
  }
  if (error.status === 429) {
    const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
    const wait = `Wait ${seconds} s, then enter the token again.`;
    return { summary: `Too many wrong tokens came from your address. ${wait}`, fields: {} };
  }
  return error.status === 401 && !error.message.includes('ADMIN_TOKEN')
    ? { summary: '', fields: { token: 'This is not the admin token of this service.' } }
    : { summary: error.message, fields: {} };
}
