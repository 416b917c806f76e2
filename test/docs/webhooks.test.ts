import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { Consumer } from '../support/consumer.ts';
import { bothSecrets } from '../support/signed-events.ts';

const page = readFileSync('docs/webhooks.md', 'utf8');

it('docs/webhooks.md signs test events that are believed', async () => {
  const script = /```js\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
  const checkout = await checkoutForTest({ variables: bothSecrets });
  const { order_id } = await checkout.ordered(await checkout.createProduct());

  const consumer = await Consumer.install();
  onTestFinished(() => consumer.remove());
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: consumer.folder,
    env: {
      SERVICE_URL: checkout.url,
      WEBHOOK_SECRET: bothSecrets.WEBHOOK_SECRETS,
      STRIPE_WEBHOOK_SECRET: bothSecrets.STRIPE_WEBHOOK_SECRETS,
      ORDER_ID: String(order_id),
    },
  });

  const answer = (result: string) =>
    `200 {"result":"${result}","order_id":${order_id},"order_status":"failed","stock_deducted":0}\n`;
  expect(stdout).toBe(answer('processed') + answer('ignored'));
});
