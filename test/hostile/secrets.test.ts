import { expect, onTestFinished, test } from 'vitest';
import { ApiDescription } from '../support/api-description.ts';
import { databaseForTest, type Reply } from '../support/checkout.ts';
import { adminToken } from '../support/checkout-client.ts';
import { type CheckoutProcess, startProcess } from '../support/checkout-process.ts';
import { type OpenDatabase, sharedDatabases, type TestDatabase } from '../support/databases.ts';
import { receiverForTest } from '../support/event-receiver.ts';
import { describeEach } from '../support/needing.ts';
import { connectRaw, requestText } from '../support/raw-http.ts';
import { sampleRequest } from '../support/sample-requests.ts';
import { freePort } from '../support/servers.ts';
import {
  bothSecrets,
  sendStripeEvent,
  signEvent,
  stripeIntent,
  webhookPath,
} from '../support/signed-events.ts';
import { stripeForTest } from '../support/stripe-server.ts';
import { TraceCollector } from '../support/trace-collector.ts';
import { until } from '../support/until.ts';

const databasePassword = 'password-of-the-database';
const redisPassword = 'password-of-redis';
const stripeKey = 'sk_test_key_of_stripe';
const receiverPassword = 'password-of-the-receiver';
const receiverToken = 'token-of-the-receiver';
const collectorToken = 'token-of-the-collector';
const buyersKey = 'key-of-a-buyer-that-finds-the-hold';
const wrongToken = 'token-that-somebody-guessed';
const eventSecret = `whsec_${Buffer.from('secret of outgoing events').toString('base64')}`;

/** What the service is told and must tell nobody. */
const secrets = [
  ...[adminToken, databasePassword, redisPassword, stripeKey, receiverPassword, receiverToken],
  ...[collectorToken, bothSecrets.WEBHOOK_SECRETS, bothSecrets.STRIPE_WEBHOOK_SECRETS, eventSecret],
];

/** One for each driver: MySQL and MariaDB have the same. */
const drivers = sharedDatabases.filter(({ name }) => name !== 'MySQL');

describeEach(drivers)('a service on $name', (kind) => {
  test('tells its secrets, and those of its clients, to nobody: neither when it works nor when it fails', async () => {
    const database = await databaseForTest(kind);
    const [stripe, collector, receiver] = await Promise.all([
      stripeForTest(),
      TraceCollector.start(),
      receiverForTest(() => 500),
    ]);
    const receiverUrl = new URL(`${receiver.url}?token=${receiverToken}`);
    const checkout = await startProcess({
      databaseUrl: await urlWithPassword(kind, database),
      keepsStdout: true,
      variables: {
        ...bothSecrets,
        STRIPE_API_KEY: stripeKey,
        STRIPE_API_URL: stripe.url,
        REDIS_URL: `redis://:${redisPassword}@127.0.0.1:${await freePort()}`,
        EVENT_WEBHOOK_URLS: Object.assign(receiverUrl, { username: 'shop', password: receiverPassword }).href,
        EVENT_WEBHOOK_SECRETS: eventSecret,
        EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=${collectorToken}`,
        LOG_LEVEL: 'trace',
        DB_LOG_QUERIES: 'true',
        SLOW_QUERY_MS: '0',
      },
    });
    const told = new Told(checkout);

    // A sale that works, with a provider, a receiver and a Redis that do not.
    const productId = await checkout.createProduct();
    const hold = await checkout.hold(productId, 1, { 'idempotency-key': buyersKey });
    stripe.failNext({ kind: 'failure', done: false, kept: false });
    await checkout.order(hold.body.hold_id, { 'idempotency-key': `${buyersKey}-too` });
    const order = await until(async () => {
      const found = (await checkout.hold(productId)).body;
      const { body } = await checkout.order(found.hold_id);
      return body.payment !== null && body;
    });
    const clientSecret = String(order.payment?.client_secret);
    // One stays unpaid: lists of operators show it, and not what its buyer pays with.
    const unpaid = await checkout.ordered(productId);
    told.clientSecrets.push(buyersKey, wrongToken, clientSecret, String(unpaid.payment?.client_secret));
    const intent = stripeIntent({ order_id: order.order_id }, { amount_received: 10_000, currency: 'usd' });
    await sendStripeEvent(checkout, {
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      object: { ...intent, client_secret: clientSecret },
    });
    await until(() => receiver.received.length > 0);

    // Everything that can be asked for, with what proves who asks, and with secrets where they do not belong.
    const description = await ApiDescription.of(checkout);
    await told.askEverything(description);
    await told.misplaceSecrets();

    // Every query fails.
    for (const table of ['products', 'holds', 'orders', 'idempotency_keys', 'refunds', 'payment_intents']) {
      const column = table === 'payment_intents' ? 'client_secret' : 'id';
      await database.run(`alter table ${table} rename column ${column} to lost_${column}`);
    }
    await told.askEverything(description);
    await until(() => checkout.logged('Request failed').length > 10);
    told.remember(await checkout.get('/metrics'));
    await collector.untilNamed('POST /api/v1/holds');
    checkout.signal('SIGTERM');
    await checkout.ended;

    const places = told.places();
    expect(places.log).toContain(String(hold.body.hold_id));
    expect(places.stdout).toContain(String(hold.body.hold_id));
    expect(places.log).toMatch(/"msg":"Event could not be delivered/);
    expect(places.answers).toContain('internal_error');
    for (const [place, text] of Object.entries({ ...places, traces: JSON.stringify(collector.spans) })) {
      for (const secret of [...secrets, ...told.signatures, ...told.clientSecrets]) {
        expect(found(text, secret), `${secret} in ${place}`).toBeNull();
      }
    }
  });
});

/** What a service has said in all places where it says anything. */
class Told {
  /** Secrets of clients: one may be told to whom it belongs. */
  readonly clientSecrets: string[] = [];
  /** What proved where requests came from. */
  readonly signatures: string[] = [];
  readonly #checkout: CheckoutProcess;
  #answers = '';

  constructor(checkout: CheckoutProcess) {
    this.#checkout = checkout;
    checkout.sign = async (path, body) => {
      const headers = await signEvent(path, body);
      this.signatures.push(...Object.values(headers).filter((value) => value.length > 20));
      return headers;
    };
  }

  remember(reply: Reply): void {
    this.#answers += `${JSON.stringify(reply.headers)}\n${reply.text}\n`;
  }

  /** A request of each kind, once as it has to be and once by somebody who guesses. */
  async askEverything(description: ApiDescription): Promise<void> {
    const guessed = { authorization: `Bearer ${wrongToken}`, 'webhook-signature': `v1,${wrongToken}` };
    for (const operationId of new Set(
      description.documented().map((answer) => answer.split(' ', 1)[0] ?? ''),
    )) {
      if (operationId.startsWith('watch') || operationId === 'metrics') {
        continue;
      }
      const { method, path, body, headers } = sampleRequest(operationId);
      this.remember(await this.#checkout.send(method, path, body, headers));
      this.remember(await this.#checkout.send(method, path, body, { ...headers, ...guessed }));
    }
  }

  /** What people get wrong: a secret in another header, in a query, in a broken body. */
  async misplaceSecrets(): Promise<void> {
    for (const secret of secrets) {
      const headers = {
        authorization: `Basic ${secret}`,
        cookie: secret,
        'x-api-key': secret,
        referer: secret,
      };
      for (const path of ['/api/v1/admin/orders', '/api/v1/products', '/nowhere', '/metrics']) {
        this.remember(await this.#checkout.get(`${path}?token=${encodeURIComponent(secret)}`, headers));
      }
      for (const body of [`{"token":"${secret}"`, { token: secret }, { product_id: { secret }, qty: 1 }]) {
        this.remember(await this.#checkout.post('/api/v1/holds', body, { 'idempotency-key': `${secret}\t` }));
        this.remember(await this.#checkout.post(webhookPath, body, { 'webhook-signature': secret }));
      }
      const { socket, heard } = await connectRaw(this.#checkout.url);
      onTestFinished(() => void socket.destroy());
      socket.write(requestText('GET', `/${secret} `, undefined, { authorization: secret }));
      this.#answers += String(await heard());
    }
  }

  places() {
    const { printed, said } = this.#checkout;
    return {
      stdout: printed,
      stderr: said(),
      log: this.#checkout
        .logLines()
        .map((line) => JSON.stringify(line))
        .join('\n'),
      answers: this.#answers,
    };
  }
}

/** Where a text has a secret in it, as it is or as URLs, JSON and headers write it; null where it has not. */
function found(text: string, secret: string): string | null {
  const forms = [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
  const at = Math.max(...forms.map((form) => text.indexOf(form)));
  return at < 0 ? null : text.slice(Math.max(0, at - 100), at + 100);
}

/** The address of the database for a user with a password, where users have one. */
async function urlWithPassword(kind: TestDatabase, { url, run }: OpenDatabase): Promise<string> {
  if (url.startsWith('sqlite:')) {
    return url;
  }
  const username = kind.name === 'PostgreSQL' ? 'postgres' : 'shop_with_password';
  if (kind.name !== 'PostgreSQL') {
    await run(`create user if not exists ${username} identified by '${databasePassword}'`);
    await run(`grant all on *.* to ${username}`);
  }
  return Object.assign(new URL(url), { username, password: databasePassword }).href;
}
