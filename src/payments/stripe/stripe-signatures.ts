import type { IncomingHttpHeaders } from 'node:http';

/** How far the time of a signature may be from now, in either direction. */
const toleranceSeconds = 300;

/**
 * One time in plain decimal digits, then signatures, each with its scheme. Stripe's library reads more than that out of a header, such
 * as `t=1700000000abc` or `v1=…=…`; what nobody signed like this is not taken.
 */
const wellFormed = /^t=([1-9]\d{0,11})(,(?!t=)\w+=[^\s,=]+)+$/;

/**
 * Signatures as Stripe makes them: `Stripe-Signature` over time and raw body, compared in constant time by Stripe's own library, at most
 * 300 s old or ahead.
 *
 * @param secrets of the endpoint at Stripe; while one is being replaced a signature by any of them counts
 * @returns whether a body, exactly as it came, was signed by who knows one of the secrets
 */
export async function stripeVerifier(
  secrets: readonly string[],
): Promise<(rawBody: string, headers: IncomingHttpHeaders) => boolean> {
  // Loaded where secrets are set only: others do not pay for it at the start.
  const { Stripe } = await import('stripe');
  const { signature } = Stripe.webhooks;
  if (signature === null) {
    throw new Error('the library of Stripe cannot check signatures');
  }
  return (rawBody, headers) => {
    const header = String(headers['stripe-signature'] ?? '');
    const signedAt = wellFormed.exec(header)?.[1];
    // The library looks at signatures that are too old, not at those that are ahead.
    if (signedAt === undefined || Number(signedAt) > Date.now() / 1000 + toleranceSeconds) {
      return false;
    }
    return secrets.some((secret) => {
      try {
        return signature.verifyHeader(rawBody, header, secret, toleranceSeconds);
      } catch (error) {
        if (error instanceof Stripe.errors.StripeSignatureVerificationError) {
          return false;
        }
        throw error;
      }
    });
  };
}
