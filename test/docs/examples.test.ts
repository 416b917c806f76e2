import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Checkout, checkoutForTest } from '../support/checkout.ts';
import { Consumer } from '../support/consumer.ts';
import { eventSecret } from '../support/event-receiver.ts';
import { testNeeding } from '../support/needing.ts';
import { firstMissing } from '../support/programs.ts';
import { until } from '../support/until.ts';

const examples = readdirSync('examples').filter((name) => name !== 'README.md');

/** What the end of an example says that it prints. */
function printed(name: string): string {
  const [, said = ''] = readFileSync(join('examples', name), 'utf8').split(/(?<=\n)(?:\/\*|#) Prints.*:\n/);
  return said.replace(/\*\/\n$/, '').replaceAll(/^# /gm, '');
}

/** A service as `npm start` has it: with the demo products. */
function service(variables: Readonly<Record<string, string>> = {}): Promise<Checkout> {
  return checkoutForTest({ variables: { SEED: 'true', ...variables } });
}

describe('the examples', () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await Consumer.install();
    cpSync('examples', join(consumer.folder, 'examples'), { recursive: true });
  });
  afterAll(() => consumer.remove());

  /** Runs an example to its end, in a project that has the package. */
  async function output(
    command: string,
    name: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<string> {
    const { stdout } = await promisify(execFile)(command, [join('examples', name)], {
      cwd: consumer.folder,
      env: { PATH: process.env.PATH, ...variables },
    });
    return stdout;
  }

  it('are all listed, and no other', () => {
    const listed = [...readFileSync('examples/README.md', 'utf8').matchAll(/^\| \[([\w.-]+)\]/gm)];
    expect(listed.map(([, name]) => name).toSorted()).toEqual(examples.toSorted());
  });

  it('have the types that they say', async () => {
    const compilerOptions = {
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      erasableSyntaxOnly: true,
      noEmit: true,
    };
    const tsconfig = join(consumer.folder, 'tsconfig.json');
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, include: ['examples'] }));
    await consumer.checkTypes(tsconfig);
  });

  it('buy.ts buys', async () => {
    const { url } = await service();
    expect(await output(process.execPath, 'buy.ts', { SERVICE_URL: url })).toBe(printed('buy.ts'));
  });

  testNeeding(firstMissing('curl'))('first-purchase.sh buys', async () => {
    const { url } = await service();
    expect(await output('sh', 'first-purchase.sh', { SERVICE_URL: url })).toBe(printed('first-purchase.sh'));
  });

  it.each(['signed events only', 'unsigned ones too'])(
    'webhook-sender.ts is believed where the service takes %s',
    async (taken) => {
      const { url } = await service(taken === 'unsigned ones too' ? {} : { WEBHOOK_SECRETS: eventSecret });
      const variables = { SERVICE_URL: url, WEBHOOK_SECRET: eventSecret };
      expect(await output(process.execPath, 'webhook-sender.ts', variables)).toBe(
        printed('webhook-sender.ts'),
      );
    },
  );

  it('event-receiver.ts is told of a purchase, and refuses what nobody signed', async () => {
    const receiver = spawn(process.execPath, [join('examples', 'event-receiver.ts')], {
      cwd: consumer.folder,
      env: { PORT: '0', EVENT_SECRET: eventSecret },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => end(receiver));
    let said = '';
    receiver.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const [, port] = await until(() => /Listening on port (\d+)\n/.exec(said) ?? undefined);
    const receiverUrl = `http://127.0.0.1:${port}/`;
    const { url } = await service({
      EVENT_WEBHOOK_URLS: receiverUrl,
      EVENT_WEBHOOK_SECRETS: eventSecret,
      EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
    });
    await output(process.execPath, 'buy.ts', { SERVICE_URL: url });
    await until(() => said.includes('order.paid'));
    expect(said.replace(String(port), '9000')).toBe(printed('event-receiver.ts'));
    const forged = await fetch(receiverUrl, { method: 'POST', body: '{"type":"order.paid"}' });
    expect(forged.status).toBe(401);
  });
});

async function end(child: ChildProcess): Promise<void> {
  child.kill();
  await (child.stdout === null ? null : text(child.stdout));
}
