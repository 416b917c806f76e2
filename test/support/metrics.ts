import { expect } from 'vitest';
import type { CheckoutClient } from './checkout-client.ts';

/** One line of `/metrics`. */
type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** What `/metrics` said at one moment. */
export class Metrics {
  readonly text: string;
  readonly samples: readonly Sample[];

  constructor(text: string) {
    this.text = text;
    this.samples = [...text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm)].map(
      ([, name = '', labels = '', value = '']) => ({ name, labels: labelsOf(labels), value: Number(value) }),
    );
  }

  /** The value of the one line with this name and these labels, null when there is none. */
  find(name: string, labels: Readonly<Record<string, string>> = {}): number | null {
    const found = this.samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
    );
    if (found.length > 1) {
      throw new Error(`${name} ${JSON.stringify(labels)} names ${found.length} lines`);
    }
    return found[0]?.value ?? null;
  }

  /** The names of all metrics, with those that have no line at this moment. */
  get names(): readonly string[] {
    return [...this.text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
  }
}

export async function readMetrics(checkout: Pick<CheckoutClient, 'get'>): Promise<Metrics> {
  const reply = await checkout.get('/metrics');
  expect([reply.status, reply.headers['content-type']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return new Metrics(reply.text);
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}
