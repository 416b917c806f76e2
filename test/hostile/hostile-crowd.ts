import fc from 'fast-check';
import { ApiDescription } from '../support/api-description.ts';
import { adminToken, type Body, type CheckoutClient } from '../support/checkout-client.ts';
import { bothSecrets, signEvent, stripeIntent, webhookPath } from '../support/signed-events.ts';
import { eventPaths, faultsOf, operatorPaths } from './answer-rules.ts';
import { type ApiDocument, type Operation, operationsOf } from './operations.ts';
import type { KnownValues } from './schema-texts.ts';
import { type WildRequest, wildRequest } from './wild-requests.ts';
import type { WireAnswer } from './wire-answer.ts';
import { shownRequest, WireClient, type WireRequest } from './wire-client.ts';

/** Each is used several times. */
const keys = Array.from({ length: 500 }, (_, index) => `key-${index}`);
/** So many requests at once. */
const crowdSize = 25;
/** What a service needs that is sent wild requests: everything that can be asked for is there. Nobody listens where its events go. */
export const hostileVariables = {
  ...bothSecrets,
  // The name in the requests, and the proxy that they say they come through.
  LOCAL_HOSTS: 'checkout',
  TRUST_PROXY: '127.0.0.1',
  PARKED_MAX: '100',
  EVENT_WEBHOOK_URLS: 'http://127.0.0.1:9/',
  EVENT_WEBHOOK_SECRETS: bothSecrets.WEBHOOK_SECRETS,
  EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
} as const;
/** What a sender shows who wants to be believed and is not to be. */
const wrongProofs: readonly (readonly [string, string])[] = [
  ['Authorization', `Bearer ${adminToken}x`],
  ['Authorization', `Basic ${adminToken}`],
  ['Webhook-Signature', 'v1,AAAA'],
  ['Stripe-Signature', 't=1,v1=00'],
];

/** Many who send whatever they like to a service that has a few real holds, orders and payments. */
export class HostileCrowd {
  /** How many answers there were of each status. */
  readonly answers = new Map<number, number>();
  requests = 0;
  readonly #client: WireClient;
  readonly #description: ApiDescription;
  readonly #known: Shop;
  readonly #requests: fc.Arbitrary<readonly WildRequest[]>;

  private constructor(
    url: string,
    operations: readonly Operation[],
    description: ApiDescription,
    known: Shop,
  ) {
    this.#client = new WireClient(url);
    this.#description = description;
    this.#known = known;
    this.#requests = fc.array(wildRequest(operations, known), {
      minLength: crowdSize,
      maxLength: crowdSize,
      size: 'max',
    });
  }

  /**
   * @param checkout one with `hostileVariables`
   * @param isAskedFor chooses operations by their paths; all of them unless given
   */
  static async at(
    checkout: CheckoutClient,
    isAskedFor: (path: string) => boolean = () => true,
  ): Promise<HostileCrowd> {
    checkout.sign = signEvent;
    const document: ApiDocument = JSON.parse((await checkout.get('/api/openapi.json')).text);
    return new HostileCrowd(
      checkout.url,
      operationsOf(document).filter(({ path }) => isAskedFor(path)),
      await ApiDescription.of(checkout),
      await openShop(checkout),
    );
  }

  /**
   * Sends so many requests, and looks at each answer.
   *
   * @param seed makes the same requests again
   * @param told of how many were sent by now
   * @returns what was wrong with the first answers that were not as they have to be, and the seed; null when all were
   */
  async send(
    requests: number,
    seed?: number,
    told: (requests: number) => Promise<void> = async () => {},
  ): Promise<string | null> {
    const sending = fc.asyncProperty(this.#requests, async (crowd) => {
      const faults = (await Promise.all(crowd.map((sent) => this.#sendOne(sent)))).flat();
      await told(this.requests);
      if (faults.length > 0) {
        throw new Error(faults.join('\n'));
      }
    });
    // What was wrong names its request, so nothing has to be made smaller.
    const { failed, errorInstance, ...run } = await fc.check(sending, {
      numRuns: Math.ceil(requests / crowdSize),
      endOnFailure: true,
      ...(seed === undefined ? {} : { seed }),
    });
    return failed
      ? `seed ${run.seed}, path ${run.counterexamplePath}\n${(errorInstance as Error).message}`
      : null;
  }

  /** What was answered so far: operation, status and code. */
  get exercised(): ReadonlySet<string> {
    return this.#description.exercised;
  }

  hangUp(): void {
    this.#client.hangUp();
  }

  /** What was made is asked for later, and replaces what was made long ago. */
  #learn({ status, text }: WireAnswer): void {
    if (status === 201) {
      const made: Partial<Pick<Body, 'hold_id' | 'order_id'>> = JSON.parse(text);
      for (const name of ['hold_id', 'order_id'] as const) {
        const id = made[name];
        if (id !== undefined) {
          this.#known[name].push(id);
          this.#known[name].shift();
        }
      }
    }
  }

  async #sendOne(sent: WildRequest): Promise<readonly string[]> {
    const request = await proved(sent);
    this.requests += 1;
    const answers = await this.#client.send(request).catch((error: Error) => error);
    if (answers instanceof Error) {
      return [answers.message];
    }
    return answers.flatMap((answer) => {
      this.answers.set(answer.status, (this.answers.get(answer.status) ?? 0) + 1);
      this.#learn(answer);
      return faultsOf(sent, answer, this.#description).map((fault) => `${fault}\n  ${shownRequest(request)}`);
    });
  }
}

let lastAddress = 0;

/** An address that has not been used for thousands of requests. */
function nextAddress(): string {
  lastAddress += 1;
  return `10.${(lastAddress >> 16) & 255}.${(lastAddress >> 8) & 255}.${lastAddress & 255}`;
}

/** The request with what makes its sender believed, or not. */
async function proved({ request, operation, proof }: WildRequest): Promise<WireRequest> {
  const headers =
    proof === 'right'
      ? await rightProof(operation, request.body?.toString() ?? '')
      : proof === 'wrong'
        ? wrongProofs
        : [];
  // Each operator has an address: after ten wrong tokens of one address its right ones are refused too.
  const from = operatorPaths.test(operation.path) ? [['X-Forwarded-For', nextAddress()] as const] : [];
  return { ...request, headers: [...from, ...headers, ...request.headers] };
}

async function rightProof({ path }: Operation, body: string): Promise<WireRequest['headers']> {
  if (operatorPaths.test(path)) {
    return [['Authorization', `Bearer ${adminToken}`]];
  }
  return eventPaths.test(path) ? Object.entries(await signEvent(path, body)) : [];
}

type Shop = KnownValues & Readonly<Record<'hold_id' | 'order_id', number[]>>;

/** Makes what a sale has, so that requests can be about something. */
async function openShop(checkout: CheckoutClient): Promise<Shop> {
  const productIds = [
    await checkout.createProduct({ stock: 1_000_000 }),
    await checkout.createProduct({ stock: 3, currency: 'JPY', price: 100 }),
    await checkout.createProduct({ stock: 5, opens_at: '2099-01-01T00:00:00Z' }),
  ];
  const [productId = 0] = productIds;
  const holdIds: number[] = [];
  const orderIds: number[] = [];
  for (let nth = 0; nth < 6; nth += 1) {
    holdIds.push((await checkout.hold(productId)).body.hold_id);
    const order = await checkout.ordered(productId);
    orderIds.push(order.order_id);
    holdIds.push(order.hold_id);
  }
  const paid = { order_id: orderIds[0], status: 'paid' };
  await checkout.post(webhookPath, { idempotency_key: 'pay_first', ...paid });
  // Money that is owed back, for whoever wants to settle it.
  await checkout.post(webhookPath, { idempotency_key: 'pay_wrong', ...paid, amount: 1, currency: 'USD' });
  const refunds = await checkout.items('/refunds');
  const events = (await checkout.admin('GET', '/events')).body.items;
  const { endpoints } = (await checkout.admin('GET', '/endpoints')).body;
  return {
    product_id: productIds,
    hold_id: holdIds,
    order_id: orderIds,
    refund_id: refunds.map(({ refund_id }) => refund_id),
    event_id: events.map(({ event_id }) => event_id),
    endpoint: endpoints.map(({ endpoint }) => endpoint),
    client_secret: holdIds.map((holdId) => `sim_${holdId}_secret`),
    idempotency_key: keys,
    'idempotency-key': keys,
    payment_reference: ['pi_1', 'pi_2'],
    object: orderIds.map((order_id) =>
      stripeIntent({ order_id }, { amount_received: 10_000, amount_refunded: 10_000, currency: 'usd' }),
    ),
    cursor: [Buffer.from('orders:1795436808000:9007199254740991').toString('base64url')],
    file: ['swagger-ui.css', 'json', 'yaml', 'errors', 'main.js', 'index.html'],
    type: ['payment_intent.succeeded', 'payment_intent.payment_failed', 'charge.refunded', 'order.paid'],
  };
}
