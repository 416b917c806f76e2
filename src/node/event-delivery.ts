import { hostname } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };
import { eventEndpointsOf } from '../config/event-endpoints.ts';
import type { Config } from '../config/options.ts';
import { eventSender, type SendMessage } from '../deliveries/event-sender.ts';
import type { Engine } from '../engine/engine.ts';
import { newId } from '../engine/new-id.ts';
import { eventBodyText, webhookIdOf } from '../http/event-presenters.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Store } from '../store/store.ts';
import {
  deliveryFailed,
  deliveryGivenUp,
  endpointSwitchedOff,
  eventDelivered,
} from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import { type DeliveryListener, deliveryRound } from '../workers/delivery-worker.ts';
import type { RunOnce } from '../workers/worker.ts';

/** How long deliveries that are under way may take once the process is told to stop. */
const endPatienceMs = 2_000;

export type EventDeliveryParts = {
  readonly config: Config;
  readonly log: Logger;
  readonly store: Store;
  readonly engine: Engine;
  readonly stopping: AbortSignal;
  readonly tracing: Tracing | undefined;
};

/** A round of deliveries for each endpoint: a slow one keeps no other waiting. */
export function deliveryRounds({
  config,
  log,
  store,
  engine,
  stopping,
  tracing,
}: EventDeliveryParts): readonly RunOnce[] {
  const ending = new AbortController();
  stopping.addEventListener('abort', () => setTimeout(() => ending.abort(), endPatienceMs).unref());
  const send = senderOf(config, store.nowMs);
  const parts = {
    outbox: store,
    writes: outboxBetweenBatches(store, engine),
    send: tracing === undefined ? send : tracedSend(send, tracing),
    messageOf: (event: Parameters<typeof eventBodyText>[0]) => ({
      id: webhookIdOf(event.id),
      body: eventBodyText(event),
    }),
    holder: `${hostname().slice(0, 200)} ${process.pid} ${newId()}`,
    nowMs: store.nowMs,
    random: Math.random,
    stopping,
    ending: ending.signal,
    told: listenerOf(log),
  };
  return eventEndpointsOf(config).map((endpoint) => deliveryRound(endpoint, parts));
}

/** What writes to the outbox waits for the end of a batch, as all housekeeping does. */
export function outboxBetweenBatches(
  store: Outbox,
  engine: Engine,
): Pick<Outbox, 'leaseEndpoint' | 'recordDeliveries' | 'switchEndpoint' | 'once'> {
  return {
    leaseEndpoint: (...given) => engine.runBetweenBatches(() => store.leaseEndpoint(...given)),
    recordDeliveries: (deliveries) => engine.runBetweenBatches(() => store.recordDeliveries(deliveries)),
    switchEndpoint: (...given) => engine.runBetweenBatches(() => store.switchEndpoint(...given)),
    once: (request, work) => engine.runBetweenBatches(() => store.once(request, work)),
  };
}

/** Made for the first message: most processes never send one. */
function senderOf(config: Config, nowMs: () => number): SendMessage {
  let sender: Promise<SendMessage> | null = null;
  return async (message, signal) => {
    sender ??= eventSender({
      secrets: config.eventWebhookSecrets,
      allowPrivate: config.eventWebhookAllowPrivate,
      nowMs,
      userAgent: `${packageJson.name}/${packageJson.version}`,
    });
    return (await sender)(message, signal);
  };
}

function tracedSend(send: SendMessage, tracing: Tracing): SendMessage {
  return (...given) => tracing.outgoing('deliver event', () => send(...given));
}

function listenerOf(log: Logger): DeliveryListener {
  return {
    attempted: ({ endpoint, status, attempts, lastError }, { id, type }) => {
      const fields = { webhookId: webhookIdOf(id), type, endpoint, attempts };
      if (status === 'delivered') {
        eventDelivered(log, fields);
      } else {
        (status === 'dead' ? deliveryGivenUp : deliveryFailed)(log, { ...fields, error: lastError });
      }
    },
    switchedOff: (endpoint, reason) => endpointSwitchedOff(log, { endpoint, reason }),
  };
}
