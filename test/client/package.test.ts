import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { Consumer } from '../support/consumer.ts';

/** What somebody would write who buys by the client, in a language that Node runs as it is below `node_modules` too. */
const program = `
import { CheckoutError, createCheckoutClient } from 'flash-sale-checkout/client';
import { signStandardWebhook } from 'flash-sale-checkout/testing';

const client = createCheckoutClient({ baseUrl: process.env.SERVICE_URL });
const [product] = await client.products();
const hold = await client.hold({ product_id: product.id, qty: 1 });
const order = await client.order({ hold_id: hold.hold_id });
const refused = await client.order({ hold_id: hold.hold_id }).catch((error) => error);
const signed = await signStandardWebhook({ secret: 'whsec_c2VjcmV0', id: 'msg_1', body: '{}' });
console.log(order.total, refused instanceof CheckoutError, refused.code, Object.keys(signed).length);
`;

const typedProgram = `
import {
  CheckoutError, countdown, createCheckoutClient, type CheckoutClient, type ErrorCode, type Order, UnreachableError,
} from 'flash-sale-checkout/client';
import { signStandardWebhook } from 'flash-sale-checkout/testing';

const client: CheckoutClient = createCheckoutClient({ baseUrl: 'https://shop.example', fetch });
export async function buy(signal: AbortSignal): Promise<Order | ErrorCode | number | null> {
  try {
    const hold = await client.hold({ product_id: 1, qty: 2 }, { signal, key: 'mine' });
    const stop: () => void = countdown(hold.expires_at, client.nowMs, (remainingMs: number) => remainingMs);
    stop();
    return await client.order(hold);
  } catch (error) {
    if (error instanceof CheckoutError) {
      // @ts-expect-error: no such code
      error.code === 'sold_out';
      return error.problem.available_stock ?? error.code;
    }
    return error instanceof UnreachableError ? error.status : null;
  }
}
export const stop = client.watchProducts({
  products: (products) => products.map(({ available_stock }) => available_stock + 1),
  state: (state: 'live' | 'polling' | 'away') => state,
});
// @ts-expect-error: qty is missing
client.hold({ product_id: 1 });
export const headers: Promise<Readonly<Record<string, string>>> = signStandardWebhook({ secret: '', id: '', body: '' });
`;

const documentedProgram = /```ts\n([\s\S]+?)```/.exec(readFileSync('docs/client.md', 'utf8'))?.[1] ?? '';

describe('the package, packed and installed', () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await Consumer.install();
  });
  afterAll(() => consumer.remove());

  it('is JavaScript and declarations, and no TypeScript', () => {
    const files = readdirSync(join(consumer.folder, 'node_modules/flash-sale-checkout/dist'), {
      recursive: true,
      encoding: 'utf8',
    });
    expect(files).toEqual(expect.arrayContaining([join('client', 'checkout-client.js')]));
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  it('runs in a plain Node', async () => {
    const checkout = await checkoutForTest();
    await checkout.createProduct();
    writeFileSync(join(consumer.folder, 'buy.mjs'), program);
    const { stdout } = await promisify(execFile)(process.execPath, ['buy.mjs'], {
      cwd: consumer.folder,
      env: { SERVICE_URL: checkout.url },
    });
    expect(stdout).toBe('100 true hold_already_ordered 3\n');
  });

  it('is at most 6 kB of a page, compressed, with the parser of streams', async () => {
    const built = await build({
      root: consumer.folder,
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        minify: true,
        lib: { entry: 'node_modules/flash-sale-checkout/dist/client/checkout-client.js', formats: ['es'] },
      },
    });
    const chunks = [built].flat().flatMap((part) => ('output' in part ? part.output : []));
    const bytes = chunks.map((chunk) => gzipSync('code' in chunk ? chunk.code : chunk.source).byteLength);
    expect(bytes).toHaveLength(1);
    expect(bytes[0]).toBeLessThan(6_000);
  });

  it.each([
    ['for Node', { module: 'nodenext', lib: ['es2022'], types: ['node'] }],
    ['for browsers', { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] }],
  ])('has types that a strict program %s is checked with', async (_, platform) => {
    const compilerOptions = {
      ...platform,
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    writeFileSync(join(consumer.folder, 'buy.ts'), typedProgram);
    expect(documentedProgram).toContain('createCheckoutClient');
    writeFileSync(join(consumer.folder, 'documented.ts'), documentedProgram);
    const tsconfig = join(consumer.folder, 'tsconfig.json');
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: ['buy.ts', 'documented.ts'] }));
    await consumer.checkTypes(tsconfig);
  });
});
