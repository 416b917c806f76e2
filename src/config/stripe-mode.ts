import type { Config } from './options.ts';

type StripeConfig = Pick<Config, 'stripeApiKey' | 'nodeEnv'>;

/** Which of Stripe's two worlds events come from, and what to do with each. */
export type StripeModes = {
  /** Why events with `livemode: false` are ignored; null: they are accepted. */
  readonly testEventsIgnored: string | null;
  /** The refunds of live payments fail with this key. */
  readonly hasTestKey: boolean;
};

/** A key names its mode: `sk_` is a secret key, `rk_` a restricted one. */
function modeOfKey({ stripeApiKey }: StripeConfig): 'live' | 'test' | null {
  const mode = /^[rs]k_(live|test)_/.exec(stripeApiKey ?? '')?.[1];
  return mode === 'live' || mode === 'test' ? mode : null;
}

/**
 * How events of the test mode and of the live mode are treated. Test events move no money, so a sale with a live key ignores them. A
 * Connect endpoint in live mode receives the test events of connected accounts too. Without a key that names its mode, `NODE_ENV` decides.
 */
export function stripeModesOf(config: StripeConfig): StripeModes {
  const mode = modeOfKey(config);
  return { testEventsIgnored: reasonToIgnoreTests(mode, config), hasTestKey: mode === 'test' };
}

function reasonToIgnoreTests(mode: 'live' | 'test' | null, { nodeEnv }: StripeConfig): string | null {
  if (mode === 'live') {
    return 'livemode is false, and STRIPE_API_KEY is a live key';
  }
  return mode === null && nodeEnv === 'production'
    ? 'livemode is false, NODE_ENV is production, and STRIPE_API_KEY is not a test key'
    : null;
}

/** The warning about a test key in production: its payments move no money. Null without one. */
export function stripeTestKeyLine(config: StripeConfig): string | null {
  return config.nodeEnv === 'production' && modeOfKey(config) === 'test'
    ? 'STRIPE_API_KEY is a test key, and NODE_ENV is production: payments move no money. ' +
        'Set a live key (sk_live_… or rk_live_…) for a real sale'
    : null;
}
