import { describe, it } from 'vitest';
import { databases } from '../support/databases.ts';
import { openStore } from '../../src/store/open-store.ts';
import { Sale } from '../support/sale.ts';
describe.each(databases.filter((d) => d.name !== 'SQLite in memory' ))('count $name', (database) => {
  it('counts', async () => {
    const open = await database.create();
    await open.store.migrate();
    const seen: string[] = [];
    const store = openStore(open.url, Date.now, (sql) => void seen.push(sql));
    const sale = new Sale(store);
    const p = await sale.product({ stock: 100000 });
    await sale.hold(p, 1);
    seen.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => sale.hold(p, 1)));
    console.log(database.name, seen.length, seen.map((s) => s.slice(0, 60)).join('\n'));
    seen.length = 0;
    await Promise.all(Array.from({ length: 50 }, (_, i) => sale.hold(p, 1, { idempotencyKey: `k${i}` })));
    console.log('with keys', seen.length);
    for (const size of [1, 64, 200]) {
    const t = performance.now(); const n = 20;
    for (let i = 0; i < n; i += 1) await Promise.all(Array.from({ length: size }, () => sale.hold(p, 1)));
    console.log(database.name, `${size}:`, ((performance.now() - t) / n).toFixed(2), 'ms a batch', Math.round(n*size*1000/(performance.now() - t)), '/s');
    }
    await sale.engine.close(); await store.close(); await open.close();
  });
});
