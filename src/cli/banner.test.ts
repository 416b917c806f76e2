import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/config.ts';
import { banner, withoutCredentials } from './banner.ts';

describe('the banner', () => {
  it('tells the address, the database, the docs, the log, and three requests to try', () => {
    expect(banner(loadConfig({}), 'http://127.0.0.1:8000')).toBe(
      `Flash-sale checkout is ready at http://127.0.0.1:8000
Database: sqlite:data/flash-sale.db
Storefront: http://127.0.0.1:8000/
Console: http://127.0.0.1:8000/console (closed: set ADMIN_TOKEN to open it)
API docs: http://127.0.0.1:8000/api/docs
Log: stdout and storage/logs/flash-sale.log
Payment events are taken unsigned, which is for this machine only: set WEBHOOK_SECRETS before a sale
Payments are simulated, no money moves: http://127.0.0.1:8000/simulated-payments/<client_secret>
Try:
  curl http://127.0.0.1:8000/api/v1/products/1
  curl -X POST http://127.0.0.1:8000/api/v1/holds -H 'Content-Type: application/json' -d '{"product_id": 1, "qty": 2}'
  curl -X POST http://127.0.0.1:8000/api/v1/orders -H 'Content-Type: application/json' -d '{"hold_id": <hold_id>}'
`,
    );
  });

  it('leaves out the API docs where they are not served', () => {
    expect(banner(loadConfig({ DOCS: 'false' }), 'http://127.0.0.1:8000')).not.toContain('/api/docs');
  });

  it('says nothing of unsigned events when there is a secret, and shows none', () => {
    const text = banner(loadConfig({ WEBHOOK_SECRETS: 'whsec_c2VjcmV0', LOG_FILE: '' }), 'http://[::1]:1');
    expect(text).not.toMatch(/unsigned|whsec/);
    expect(text).toContain('\nLog: stdout\n');
  });

  it('tells of several processes, and what they do not count together', () => {
    const variables = { PROCESSES: '4', RATE_LIMIT_HOLDS: '20' };
    const url = 'http://127.0.0.1:8000';
    const text = banner(loadConfig(variables), url);
    expect(text).toContain(`is ready at ${url}\nProcesses: 4\n`);
    expect(text).toContain(
      '\nEach process counts holds for RATE_LIMIT_HOLDS by itself, so 4 times as many may pass: set REDIS_URL',
    );
    const redis = { REDIS_URL: 'redis://127.0.0.1' };
    expect(banner(loadConfig({ ...variables, ...redis }), url)).not.toContain('RATE_LIMIT_HOLDS');
    expect(banner(loadConfig({ RATE_LIMIT_HOLDS: '20' }), url)).not.toMatch(/Processes|RATE_LIMIT_HOLDS/);
  });
});

it.each([
  ['sqlite:data/flash-sale.db', 'sqlite:data/flash-sale.db'],
  ['sqlite:data/a@b?.db', 'sqlite:data/a@b?.db'],
  ['mysql://127.0.0.1/sale', 'mysql://127.0.0.1/sale'],
  ['mysql://root:hunter2@db:3306/sale', 'mysql://db:3306/sale'],
  ['mysql://root:hunter/2@hunter2@db1,db2/sale?password=hunter2', 'mysql://db1,db2/sale'],
  [
    'mysql://root:hunter2@localhost/sale?socketPath=/run/mysqld/mysqld.sock&ssl-mode=DISABLED',
    'mysql://localhost/sale?socketPath=/run/mysqld/mysqld.sock',
  ],
  ['postgres://u:hunter2@/sale?host=%2Frun%2Fpostgresql', 'postgres:///sale?host=/run/postgresql'],
  ['postgres://u:hunter2@%2Frun%2Fpostgresql:5433/sale', 'postgres:///run/postgresql:5433/sale'],
  ['postgres://u:hunter?host=/hunter2@db/sale', 'postgres://db/sale'],
])('shows %s without user, password and parameters', (url, shown) => {
  expect(withoutCredentials(url)).toBe(shown);
});
