import { AsyncLocalStorage } from 'node:async_hooks';
import type { Stripe } from 'stripe';
import { ProviderError } from '../payment-provider.ts';

export type StripeSettings = {
  readonly apiKey: string;
  /** Scheme, host and port: `https://api.stripe.com`. */
  readonly apiUrl: string;
};

/**
 * Longer than anybody who asks is patient: what ends a request is the caller's signal.
 */
const requestTimeoutMs = 60_000;
/** Keys for one and the same thing, over all attempts of the time that Stripe remembers them. */
const keysMax = 10;
/** Here Stripe has looked at the request and says no. Anything else, a wrong API key too, may be another answer later. */
const refusingStatuses: readonly (number | undefined)[] = [400, 402, 404];

/** The SDK's types promise a plain object; with `fetch` an answer has `Headers`, and an error a plain object. */
type AnswerHeaders = Headers | Readonly<Record<string, string>>;
type Answered = { readonly lastResponse: { readonly headers: AnswerHeaders } };

/**
 * Calls of Stripe's API through its SDK, which is loaded when this is made and not before. A call ends when its signal says so, is not
 * repeated by itself, and rejects with `ProviderError`.
 */
export class StripeApi {
  readonly #loaded: Promise<{ readonly stripe: Stripe; readonly errors: typeof Stripe.errors }>;
  /** The SDK has no way to hand a signal down to the request, but it stays within the caller's context. */
  readonly #signal = new AsyncLocalStorage<AbortSignal>();

  constructor({ apiKey, apiUrl }: StripeSettings) {
    const { protocol, hostname, port } = new URL(apiUrl);
    const isSecure = protocol === 'https:';
    this.#loaded = import('stripe').then(({ Stripe: Sdk }) => ({
      errors: Sdk.errors,
      stripe: new Sdk(apiKey, {
        protocol: isSecure ? 'https' : 'http',
        host: hostname,
        port: port || (isSecure ? 443 : 80),
        httpClient: Sdk.createFetchHttpClient((input, init) => this.#fetch(input, init)),
        maxNetworkRetries: 0,
        timeout: requestTimeoutMs,
        telemetry: false,
      }),
    }));
    // Whoever calls is told; nobody may have called yet.
    this.#loaded.catch(() => {});
  }

  /** @throws ProviderError */
  async call<Result>(signal: AbortSignal, ask: (stripe: Stripe) => Promise<Result>): Promise<Result> {
    const { stripe, errors } = await this.#loaded;
    try {
      return await this.#signal.run(signal, () => ask(stripe));
    } catch (error) {
      if (error instanceof errors.StripeError) {
        throw providerError(error);
      }
      throw error;
    }
  }

  /**
   * Makes something exactly once, under an idempotency key. For a key that it has seen, Stripe repeats for at least a day what it
   * answered then, failures included. So a repeated success is looked up again, and after a repeated failure, or when what was made
   * does not count, the next key is used. The keys come in the same order each time, so two attempts never make two things.
   *
   * @param create makes it under the key that it is given
   * @param current what has become of what was made earlier, or null when the next key has to make another one
   * @param find what a request made that Stripe says has failed; a failure of Stripe may have taken effect
   * @throws ProviderError
   */
  async makeOnce<Made>(
    signal: AbortSignal,
    key: string,
    create: (stripe: Stripe, options: Stripe.RequestOptions) => Promise<Made & Answered>,
    current: (stripe: Stripe, made: Made) => Promise<Made | null>,
    find: () => Promise<Made | null> = async () => null,
  ): Promise<Made> {
    let lastError: unknown;
    for (let attempt = 0; attempt < keysMax; attempt += 1) {
      const idempotencyKey = attempt === 0 ? key : `${key}_${attempt}`;
      try {
        const made = await this.call(signal, (stripe) => create(stripe, { idempotencyKey }));
        const now = isRepeated(made.lastResponse.headers)
          ? await this.call(signal, (stripe) => current(stripe, made))
          : made;
        if (now !== null) {
          return now;
        }
      } catch (error) {
        if (!isRepeated(headersOf(error))) {
          throw error;
        }
        lastError = error;
        const made = await find();
        if (made !== null) {
          return made;
        }
      }
    }
    throw lastError ?? new ProviderError('refused', `Stripe failed ${keysMax} times for ${key}`);
  }

  #fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const signals = [this.#signal.getStore(), init?.signal].filter((signal) => signal instanceof AbortSignal);
    // The key goes to the address that was set, and not to where it points.
    return fetch(input, { ...init, redirect: 'error', signal: AbortSignal.any(signals) });
  }
}

/**
 * Stripe's clock when it answered, in ms since 1970. Its events have the same clock in whole seconds.
 *
 * @throws ProviderError when the answer has no date
 */
export function answeredAtMs({ lastResponse }: Answered): number {
  const date = headerOf(lastResponse.headers, 'date');
  const atMs = Date.parse(date ?? '');
  if (Number.isNaN(atMs)) {
    throw new ProviderError('unavailable', `expected a date in the answer of Stripe, got ${date}`);
  }
  return atMs;
}

/** Stripe's code for why it refused, such as `charge_already_refunded`. */
export function refusalCodeOf(error: unknown): string | undefined {
  const cause: unknown = error instanceof ProviderError && error.kind === 'refused' ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

/** Stripe's codes for an amount that it does not take. */
const amountCodes: readonly (string | undefined)[] = [
  'amount_too_small',
  'amount_too_large',
  'invalid_charge_amount',
];
/** For a currency that the account cannot charge Stripe gives no code: it names the parameter. */
const amountParameters: readonly (string | undefined)[] = ['amount', 'currency'];

function providerError(error: Stripe.errors.StripeError): ProviderError {
  const kind = refusingStatuses.includes(error.statusCode) && !isBusy(error) ? 'refused' : 'unavailable';
  const request = error.requestId === undefined ? '' : ` (${error.requestId})`;
  const isAboutAmount = kind === 'refused' && isAboutAmountOf(error);
  return new ProviderError(kind, `${error.type}: ${error.message}${request}`, error, isAboutAmount);
}

function isAboutAmountOf({ type, code, param }: Stripe.errors.StripeError): boolean {
  return (
    type === 'StripeInvalidRequestError' && (amountCodes.includes(code) || amountParameters.includes(param))
  );
}

/** Too many requests at once, which Stripe says with more than one status. */
function isBusy({ code, type }: Stripe.errors.StripeError): boolean {
  return code === 'rate_limit' || code === 'lock_timeout' || type === 'StripeRateLimitError';
}

function headersOf(error: unknown): AnswerHeaders {
  const cause: unknown = error instanceof ProviderError ? error.cause : undefined;
  return cause instanceof Error && 'headers' in cause ? ((cause.headers ?? {}) as AnswerHeaders) : {};
}

/** Whether Stripe gave the answer that it had given before for the same key. */
function isRepeated(headers: AnswerHeaders): boolean {
  return headerOf(headers, 'idempotent-replayed') === 'true';
}

/** @param name in small letters */
function headerOf(headers: AnswerHeaders, name: string): string | undefined {
  return headers instanceof Headers ? (headers.get(name) ?? undefined) : headers[name];
}
