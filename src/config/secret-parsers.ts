import { list, type Parser, text } from './parsers.ts';

/** In production. The Standard Webhooks specification asks for at least 24 bytes. */
export const signingSecretBytesMin = 24;

/** In production. One address has ten guesses a minute, and 32 random characters cannot be guessed at any rate. */
export const adminTokenLengthMin = 32;

/** Goes into an HTTP header as it is, so it has no spaces and no control characters. */
export const token: Parser<string> = text('printable ASCII without spaces', 'secret', /^[!-~]+$/);

export const longAdminToken = atLeast(
  token,
  `at least ${adminTokenLengthMin} characters of printable ASCII without spaces` +
    ` (openssl rand -hex 32, or node -p "crypto.randomBytes(32).toString('hex')", makes one)`,
  (value) => value.length >= adminTokenLengthMin,
);

/**
 * A secret in the form of the Standard Webhooks specification. The padding may be left out. The library accepts more: it drops a surplus
 * letter at the end, and throws an exception for fewer than four letters.
 */
const webhookSecret: Parser<string> = text(
  'whsec_ and the secret in base64',
  'secret',
  /^whsec_(?=.{4})(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/,
);

export const webhookSecrets = list(webhookSecret);

export const longWebhookSecrets = list(
  atLeast(
    webhookSecret,
    `whsec_ and at least ${signingSecretBytesMin} bytes in base64`,
    (value) => Buffer.from(value.slice('whsec_'.length), 'base64').length >= signingSecretBytesMin,
  ),
);

export const stripeSecrets = list(token);

/** Stripe signs with the text itself, so its characters are counted. */
export const longStripeSecrets = list(
  atLeast(
    token,
    `at least ${signingSecretBytesMin} characters of printable ASCII without spaces`,
    (value) => value.length >= signingSecretBytesMin,
  ),
);

function atLeast(
  parser: Parser<string>,
  expected: string,
  isLong: (value: string) => boolean,
): Parser<string> {
  return {
    ...parser,
    expected,
    parse: (given) => {
      const value = parser.parse(given);
      return value !== undefined && isLong(value) ? value : undefined;
    },
  };
}
