import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal-of.ts';
import { readDotEnv } from './dot-env.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(content: string | Buffer, mode = 0o600): void {
  writeFileSync(join(folder, '.env'), content);
  chmodSync(join(folder, '.env'), mode);
}

function read() {
  const warnings: string[] = [];
  return { variables: readDotEnv(folder, (line) => warnings.push(line)), warnings };
}

describe('.env', () => {
  it('is read when it is there', () => {
    write('# a comment\nHOLD_SECONDS=5\nLOG_FILE=\nADMIN_TOKEN="quoted"\n');
    expect(read()).toEqual({
      variables: { HOLD_SECONDS: '5', LOG_FILE: '', ADMIN_TOKEN: 'quoted' },
      warnings: [],
    });
  });

  it('may be missing', () => {
    expect(read()).toEqual({ variables: {}, warnings: [] });
  });

  it('is not ignored when it cannot be read', () => {
    mkdirSync(join(folder, '.env'));
    expect(refusalOf(read)).toBe('.env cannot be read (EISDIR): make it a readable file, or remove it');
  });
});

describe('.env of an editor on Windows', () => {
  const lines = 'DATABASE_URL=mysql://root@db/sale\r\nPORT=8001\r\n';
  const variables = { DATABASE_URL: 'mysql://root@db/sale', PORT: '8001' };

  it('keeps its first variable behind a byte-order mark', () => {
    write(`\uFEFF${lines}`);
    expect(read()).toEqual({ variables, warnings: [] });
  });

  it('may be nothing but the mark', () => {
    write('\uFEFF');
    expect(read()).toEqual({ variables: {}, warnings: [] });
  });

  it('does not lose the first variable of a file that was appended with its mark', () => {
    write(`HOLD_SECONDS=5\n\uFEFFDATABASE_URL=mysql://root:hunter2@db/sale\n`);
    const message = refusalOf(read);
    expect(message).toContain('in line 2');
    expect(message).toContain('did you mean DATABASE_URL?');
    expect(message).not.toContain('hunter2');
  });

  it.each([
    ['UTF-16 little-endian with its mark', Buffer.from(`\uFEFF${lines}`, 'utf16le')],
    ['UTF-16 big-endian with its mark', Buffer.from(`\uFEFF${lines}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(lines, 'utf16le')],
  ])('is refused as %s', (_, content) => {
    write(content);
    expect(refusalOf(read)).toBe('.env: expected text in UTF-8, got UTF-16 or binary data: save it as UTF-8');
  });
});

describe('a line in .env without an equals sign behind its name', () => {
  it.each([
    'DATABASE_URL: mysql://root:hunter2@db/sale?ssl-mode=REQUIRED',
    'DATABASE_URL mysql://root:hunter2@db/sale',
    '  export DATABASE_URL\t:mysql://root:hunter2@db/sale',
    'database_url: mysql://root:hunter2@db/sale',
  ])('stops the start, which would use the default: %s', (line) => {
    write(`PORT=8001\r\n${line}\r\n`);
    expect(refusalOf(read)).toBe(
      'DATABASE_URL in .env: expected DATABASE_URL=value, got another separator in line 2',
    );
  });

  it.each(['DATABASE_URL = sqlite:a b.db', 'export DATABASE_URL=sqlite:a b.db', '# DATABASE_URL: a b.db'])(
    'is not seen in %s',
    (line) => {
      write(`${line}\n`);
      expect(read().warnings).toEqual([]);
    },
  );
});

describe('a name in .env that is not an option', () => {
  it.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['DATABASEURL', 'DATABASE_URL'],
    ['EVENT_WEBHOOK_URL', 'EVENT_WEBHOOK_URLS'],
    ['ADMIN_TOKENS', 'ADMIN_TOKEN'],
    ['ADMIN_TOKEN_FIEL', 'ADMIN_TOKEN_FILE'],
    ['PROT', 'PORT'],
    ['port', 'PORT'],
    ['Hold_Seconds', 'HOLD_SECONDS'],
  ])('stops the start when it is nearly one: %s', (name, meant) => {
    write(`HOLD_SECONDS=5\n${name}=1\n`);
    const message = refusalOf(read);
    expect(message).toContain(`in .env: not an option; did you mean ${meant}?`);
    expect(message).toContain(/^[A-Z_]+$|^[a-z]+$/.test(name) ? name : 'line 2');
  });

  it('stops the start with a line that names both', () => {
    write('DATABSE_URL=mysql://root:hunter2@db/sale\n');
    expect(refusalOf(read)).toBe('DATABSE_URL in .env: not an option; did you mean DATABASE_URL?');
  });

  it.each([
    'COMPOSE_PROJECT_NAME',
    'MYSQL_PASSWORD',
    'MYSQL_ROOT_PASSWORD',
    'TZ',
    'NODE_OPTIONS',
    'HOME',
    'OS',
  ])('is one warning when it is another name: %s', (name) => {
    write(`${name}=hunter2\nPORT=8001\n`);
    expect(read()).toEqual({
      variables: { [name]: 'hunter2', PORT: '8001' },
      warnings: [`${name} in .env: not an option, so it is not used`],
    });
  });

  it('is one warning for each name, in the order of the file', () => {
    write('TZ=UTC\nMYSQL_PASSWORD=a\nTZ=UTC\n');
    expect(read().warnings).toEqual([
      'TZ in .env: not an option, so it is not used',
      'MYSQL_PASSWORD in .env: not an option, so it is not used',
    ]);
  });

  it('is not shown when it may be the rest of a secret that was broken into lines', () => {
    write(
      'WEBHOOK_SECRETS=whsec_AAAA,\nwhsec_aHVudGVyMg==\nURL: mysql://root:hunter2@db/sale?ssl-mode=REQUIRED\n',
    );
    const { warnings } = read();
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/the name in line 2 \(not shown.*the name in line 3 \(not shown/);
    expect(warnings.join()).not.toMatch(/aHVudGVyMg|hunter2/);
  });

  it('may name the file of a secret', () => {
    write('ADMIN_TOKEN_FILE=/run/secrets/token\nDATABASE_URL_FILE=/run/secrets/url\n');
    expect(read().warnings).toEqual([]);
    write('PORT_FILE=/run/secrets/port\n');
    expect(read().warnings).toEqual(['PORT_FILE in .env: not an option, so it is not used']);
  });
});

describe.skipIf(process.platform === 'win32')('the mode of .env', () => {
  it.each([0o600, 0o400])('is fine when only its owner has rights: %o', (mode) => {
    write('PORT=8001\n', mode);
    expect(read().warnings).toEqual([]);
  });

  it.each([
    [0o644, '0644'],
    [0o640, '0640'],
    [0o602, '0602'],
  ])('is a warning when others have any: %o', (mode, text) => {
    write('PORT=8001\n', mode);
    expect(read().warnings).toEqual([
      `.env is open to other users of this machine (mode ${text}): run chmod 600 .env`,
    ]);
  });
});
