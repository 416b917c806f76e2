import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal-of.ts';
import { loadConfig } from './config.ts';
import { fileVariableOf, type Option } from './option.ts';
import { options } from './options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(content: string | Buffer, mode = 0o600): string {
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const secrets: Readonly<Record<string, string>> = {
  DATABASE_URL: 'mysql://root:hunter2@db/sale',
  REDIS_URL: 'redis://:hunter2@cache',
  WEBHOOK_SECRETS: 'whsec_b25l,whsec_dHdv',
  STRIPE_WEBHOOK_SECRETS: 'whsec_one,whsec_two',
  STRIPE_API_KEY: 'sk_test_1',
  EVENT_WEBHOOK_URLS: 'https://a.example/1,https://b.example/2',
  EVENT_WEBHOOK_SECRETS: 'whsec_b25l',
  ADMIN_TOKEN: 'hunter2',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:hunter2@traces.example/',
};

describe('a file with a secret', () => {
  it('exists for every secret', () => {
    const rows: readonly Option[] = options;
    expect(rows.filter(({ secret }) => secret).map(({ env }) => env)).toEqual(Object.keys(secrets));
  });

  it.each(Object.entries(secrets))('gives the value of %s as the variable does', (name, value) => {
    const variables = { [fileVariableOf(name)]: file(`${value}\n`) };
    expect(loadConfig(variables)).toEqual(loadConfig({ [name]: value }));
    expect(loadConfig({}, {}, variables)).toEqual(loadConfig({ [name]: value }));
  });

  it.each([
    ['nothing behind the value', 'hunter2'],
    ['a line end of Windows', 'hunter2\r\n'],
    ['a byte-order mark', '\uFEFFhunter2\n'],
  ])('may have %s', (_, content) => {
    expect(loadConfig({ ADMIN_TOKEN_FILE: file(content) }).adminToken).toBe('hunter2');
  });

  it('is not named by a variable that is empty', () => {
    expect(loadConfig({ ADMIN_TOKEN_FILE: ' ' }).adminToken).toBeNull();
    expect(loadConfig({ ADMIN_TOKEN_FILE: '', ADMIN_TOKEN: 'hunter2' }).adminToken).toBe('hunter2');
    expect(loadConfig({ ADMIN_TOKEN_FILE: file('hunter2'), ADMIN_TOKEN: '' }).adminToken).toBe('hunter2');
  });

  it('of the environment wins over the value in .env, and a flag over both', () => {
    const variables = { DATABASE_URL_FILE: file('mysql://root@db/sale') };
    const dotEnv = { DATABASE_URL: 'sqlite:old.db' };
    expect(loadConfig(variables, {}, dotEnv).databaseUrl).toBe('mysql://root@db/sale');
    expect(loadConfig(variables, { databaseUrl: 'sqlite:new.db' }, dotEnv).databaseUrl).toBe('sqlite:new.db');
  });

  it('exists for secrets only', () => {
    expect(loadConfig({ PORT_FILE: file('9') }).port).toBe(8000);
  });

  it.each([
    ['in the environment', (variables: Record<string, string>) => loadConfig(variables), ''],
    ['in .env', (variables: Record<string, string>) => loadConfig({}, {}, variables), ' in .env'],
  ])('contradicts the variable itself %s', (_, load, where) => {
    const variables = { ADMIN_TOKEN: 'hunter2', ADMIN_TOKEN_FILE: file('hunter3') };
    expect(refusalOf(() => load(variables))).toBe(
      `ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set${where}: unset one of them`,
    );
  });

  it.each([
    ['nothing', ''],
    ['a line end', '\n'],
    ['a byte-order mark', '\uFEFF'],
  ])('is refused with %s in it', (_, content) => {
    const path = file(content);
    expect(refusalOf(() => loadConfig({ ADMIN_TOKEN_FILE: path }))).toBe(
      `ADMIN_TOKEN_FILE: the file "${path}" is empty: write the secret into it`,
    );
  });

  it('is refused in UTF-16', () => {
    const path = file(Buffer.from('\uFEFFhunter2', 'utf16le'));
    expect(refusalOf(() => loadConfig({ ADMIN_TOKEN_FILE: path }))).toBe(
      `ADMIN_TOKEN_FILE: the file "${path}": expected text in UTF-8, got UTF-16 or binary data: save it as UTF-8`,
    );
  });

  it('is refused with its path and the reason when it cannot be read', () => {
    const path = join(folder, 'not-there');
    expect(refusalOf(() => loadConfig({}, {}, { ADMIN_TOKEN_FILE: path }))).toBe(
      `ADMIN_TOKEN_FILE in .env: the file "${path}" cannot be read (ENOENT): correct the path, or make the file readable for this user`,
    );
    expect(refusalOf(() => loadConfig({ ADMIN_TOKEN_FILE: folder }))).toContain('(EISDIR)');
  });

  it.each([
    'hunter2hunter2',
    'whsec_b25l',
    'mysql://root:hunter2@db/sale',
    '/hunter2+hunter2==',
    '/hunt/er2w==',
  ])('is not shown when the secret stands where the path belongs: %s', (secret) => {
    const message = refusalOf(() => loadConfig({ ADMIN_TOKEN_FILE: secret }));
    expect(message).toContain('ADMIN_TOKEN_FILE: the file (not shown, because it may be the secret itself)');
    expect(message).not.toContain(secret);
  });

  it('is refused without its content when that is not what was expected', () => {
    expect(refusalOf(() => loadConfig({ WEBHOOK_SECRETS_FILE: file('hunter2\n') }))).toBe(
      'WEBHOOK_SECRETS_FILE: expected a comma list, each item whsec_ and the secret in base64, got something else (not shown, because it is secret)',
    );
    expect(
      refusalOf(() => loadConfig({ ADMIN_TOKEN_FILE: file('short'), NODE_ENV: 'production' })),
    ).toContain('ADMIN_TOKEN_FILE: in production expected at least 32 characters');
  });
});

describe.skipIf(process.platform === 'win32')('the mode of such a file', () => {
  function warningsFor(path: string): string[] {
    const warnings: string[] = [];
    loadConfig({ ADMIN_TOKEN_FILE: path }, {}, {}, (line) => warnings.push(line));
    return warnings;
  }

  it('is fine when only its owner has rights', () => {
    expect(warningsFor(file('hunter2', 0o400))).toEqual([]);
  });

  it('is a warning when others can read it', () => {
    const path = file('hunter2', 0o644);
    expect(warningsFor(path)).toEqual([
      `ADMIN_TOKEN_FILE: the file "${path}" is open to other users of this machine (mode 0644): run chmod 600 on it`,
    ]);
  });

  it.runIf(process.getuid?.() === 0)('is the choice of another user who owns it', () => {
    const path = file('hunter2', 0o444);
    chownSync(path, 12_345, 12_345);
    expect(warningsFor(path)).toEqual([]);
  });
});
