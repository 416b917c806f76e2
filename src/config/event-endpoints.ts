import { createHash } from 'node:crypto';
import { ConfigError } from './config-error.ts';
import type { Config } from './options.ts';

/** Somebody who is told of events. */
export type EventEndpoint = {
  /**
   * Names it in the database, in lists and in the log: the host, and a part of a hash of the URL. The URL itself may hold a password or
   * a token.
   */
  readonly id: string;
  readonly url: URL;
};

/** A host name may have 253 characters, and an id with its hash 255. */
const hostLengthMax = 200;

/** The endpoints of the configuration, each once. Their ids are the same in every process and after each start. */
export function eventEndpointsOf({
  eventWebhookUrls,
}: Pick<Config, 'eventWebhookUrls'>): readonly EventEndpoint[] {
  return [...new Set(eventWebhookUrls)].map((text) => {
    const url = new URL(text);
    const host = url.hostname.replaceAll(/[^a-z\d.-]+/g, '-').replace(/^-|-$/g, '');
    const hash = createHash('sha256').update(url.href).digest('hex').slice(0, 8);
    return { id: `${host.slice(0, hostLengthMax)}-${hash}`, url };
  });
}

/** @throws ConfigError if events would leave without a signature: their receivers could not tell them from anybody's */
export function assertEventsCanBeSigned(
  config: Pick<Config, 'eventWebhookUrls' | 'eventWebhookSecrets'>,
): void {
  if (config.eventWebhookUrls.length > 0 && config.eventWebhookSecrets.length === 0) {
    throw new ConfigError('Events for EVENT_WEBHOOK_URLS must be signed: set EVENT_WEBHOOK_SECRETS');
  }
}
