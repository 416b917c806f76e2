import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startCheckout } from '../support/checkout.ts';
import { type Metrics, readMetrics } from '../support/metrics.ts';
import { describeNeeding } from '../support/needing.ts';
import { firstMissing } from '../support/programs.ts';
import { promtool } from '../support/promtool.ts';

const page = readFileSync('docs/metrics.md', 'utf8');
const operations = readFileSync('docs/operations.md', 'utf8');
const rules = readFileSync('deploy/prometheus/alerts.yml', 'utf8');
const ruleTests = readFileSync('deploy/prometheus/alerts.test.yml', 'utf8');
const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  readFileSync('deploy/grafana/flash-sale.json', 'utf8'),
);

type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] };

const panels = dashboard.panels.filter(({ targets = [] }) => targets.length > 0);
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
const alertNames = matches(rules, /- alert: (\w+)/g);

/** What the first group of a pattern found. */
function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, first = '']) => first);
}

/** The metrics that a text names, without what a histogram adds to its name. */
function namedIn(text: string): ReadonlySet<string> {
  const names = text.match(/\b(flash_sale|nodejs|process)_[a-z0-9_]+\b/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
}

/** As a heading's link is written. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}

describe('what is told of the metrics', () => {
  let metrics: Metrics;
  beforeAll(async () => {
    const checkout = await startCheckout();
    await checkout.hold(await checkout.createProduct());
    metrics = await readMetrics(checkout);
    await checkout.stop();
  });

  it('is a row of docs/metrics.md for each metric, with its type', () => {
    const rows = matches(page, /^\| `(flash_sale_\w+)` \|/gm);
    const own = metrics.names.filter((name) => name.startsWith('flash_sale_'));
    expect(rows.toSorted()).toEqual(own.toSorted());
    for (const name of own) {
      const type = new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(metrics.text)?.[1];
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| ${type} \\|`, 'm'));
    }
  });

  it('names in docs/metrics.md every label that a metric has', () => {
    for (const name of metrics.names.filter((each) => each.startsWith('flash_sale_'))) {
      const ofName = metrics.samples.filter((sample) => namedIn(sample.name).has(name));
      const labels = new Set(ofName.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete('le');
      const cell = new RegExp(`^\\| \`${name}\` \\| \\w+ \\| ([^|]*)\\|`, 'm').exec(page)?.[1] ?? '';
      if (ofName.length > 0) {
        expect([name, matches(cell, /`(\w+)`/g)]).toEqual([name, [...labels]]);
      }
    }
  });

  it('names only metrics that there are, in alerts, dashboard and docs', () => {
    const used = [rules, JSON.stringify(queries), page, operations].flatMap((text) => [...namedIn(text)]);
    expect(used.length).toBeGreaterThan(60);
    expect([...new Set(used)].filter((name) => !metrics.names.includes(name))).toEqual([]);
  });

  it('leads from each alert to what an operator does about it', () => {
    const headings = matches(operations, /^#+ (.+)$/gm).map(anchorOf);
    const runbooks = matches(rules, /runbook: docs\/operations\.md#(\S+)/g);
    expect(runbooks).toHaveLength(alertNames.length);
    expect(runbooks.filter((anchor) => !headings.includes(anchor))).toEqual([]);
    for (const kind of ['summary', 'description', 'severity']) {
      expect(matches(rules, new RegExp(`^ +(${kind}): .+`, 'gm'))).toHaveLength(alertNames.length);
    }
  });

  it('shows for each alert when it fires and when it does not', () => {
    expect(matches(ruleTests, /- name: (\w+) fires/g)).toEqual(alertNames);
    expect(matches(ruleTests, /- name: (\w+) stays silent/g)).toEqual(alertNames);
  });

  describeNeeding(firstMissing('promtool'))('is understood by Prometheus', () => {
    it.each([
      ['the configuration', ['check', 'config', 'deploy/prometheus/prometheus.yml']],
      ['the alerts', ['check', 'rules', 'deploy/prometheus/alerts.yml']],
      [
        'what the alerts say in good and in bad times',
        ['test', 'rules', 'deploy/prometheus/alerts.test.yml'],
      ],
    ])('%s', (_, command) => {
      expect(promtool(command)).toEqual({ ok: true, said: expect.stringContaining('SUCCESS') });
    });

    it('the metrics, with the names and types that are usual', () => {
      expect(promtool(['check', 'metrics'], metrics.text)).toEqual({ ok: true, said: '' });
    });

    it('every query of the dashboard', () => {
      const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'queries.yml');
      // JSON is YAML too. What Grafana fills in before it asks is filled in here.
      const asked = queries.map(({ expr }, index) => ({
        record: `query:${index}`,
        expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'),
      }));
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: asked }] }));
      expect(asked.length).toBeGreaterThan(30);
      expect(asked.filter(({ expr }) => expr.includes('$'))).toEqual([]);
      expect(promtool(['check', 'rules', file])).toEqual({
        ok: true,
        said: expect.stringContaining(`${asked.length} rules found`),
      });
    });

    it('but not a query that is wrong', () => {
      const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'queries.yml');
      writeFileSync(
        file,
        JSON.stringify({ groups: [{ name: 'wrong', rules: [{ record: 'a:b', expr: 'rate(' }] }] }),
      );
      expect(promtool(['check', 'rules', file]).ok).toBe(false);
    });
  });
});
