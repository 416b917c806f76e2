import type { IncomingHttpHeaders } from 'node:http';

/**
 * What the specification has: a time in plain decimal digits, and signatures with their versions, parted by single spaces. The library
 * also reads `1700000000abc` and `v1,…,…`; what nobody signed like this is not taken.
 */
const wellFormedTime = /^[1-9]\d{0,11}$/;
const wellFormedSignatures = /^\w+,[^\s,]+( \w+,[^\s,]+)*$/;

/**
 * Signatures as the Standard Webhooks specification has them: `webhook-id`, `webhook-timestamp` and
 * `webhook-signature` over the raw body, compared in constant time, at most 300 s old or ahead.
 *
 * @param secrets `whsec_…`; while one is being replaced a signature by any of them counts
 * @returns whether a body, exactly as it came, was signed by who knows one of the secrets
 */
export async function standardWebhooksVerifier(
  secrets: readonly string[],
): Promise<(rawBody: string, headers: IncomingHttpHeaders) => boolean> {
  // Loaded where secrets are set only: others do not pay for it at the start.
  const { Webhook, WebhookVerificationError } = await import('standardwebhooks');
  const webhooks = secrets.map((secret) => new Webhook(secret));
  return (rawBody, headers) => {
    const texts = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
        name,
        String(headers[name] ?? ''),
      ]),
    );
    if (
      !wellFormedTime.test(texts['webhook-timestamp'] ?? '') ||
      !wellFormedSignatures.test(texts['webhook-signature'] ?? '')
    ) {
      return false;
    }
    return webhooks.some((webhook) => {
      try {
        webhook.verify(rawBody, texts, { jsonParse: false });
        return true;
      } catch (error) {
        if (error instanceof WebhookVerificationError) {
          return false;
        }
        throw error;
      }
    });
  };
}
