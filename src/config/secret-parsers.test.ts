import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal-of.ts';
import { loadConfig } from './config.ts';
import { webhookSecrets } from './secret-parsers.ts';

describe('a secret of Standard Webhooks', () => {
  it.each(['WEBHOOK_SECRETS', 'EVENT_WEBHOOK_SECRETS'])(
    'of %s that is not base64 stops the start with one line in every environment',
    (name) => {
      for (const bad of [
        'whsec_A',
        'whsec_',
        'whsec_AA',
        'whsec_AAA',
        'whsec_AAAAA',
        'whsec_====',
        'whsec_AA=',
      ]) {
        for (const NODE_ENV of ['development', 'test', 'production']) {
          const message = refusalOf(() => loadConfig({ [name]: bad, NODE_ENV }));
          expect(message).toMatch(
            new RegExp(`^${name}: (in production )?expected .*whsec_ and .* in base64, got something else`),
          );
        }
      }
    },
  );

  it('is taken with and without its padding', () => {
    for (const secret of [
      'whsec_b25l',
      'whsec_AA==',
      'whsec_AAA=',
      'whsec_b25lAA',
      'whsec_b25lAAA=',
      'whsec_b25lAAA',
    ]) {
      expect(webhookSecrets.parse(secret)).toEqual([secret]);
    }
  });

  it('is read by the library to the same bytes whenever it is taken', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'AZaz09+/='), maxLength: 12 });
    fc.assert(
      fc.property(letters, (base64) => {
        const secret = `whsec_${base64}`;
        if (webhookSecrets.parse(secret) !== undefined) {
          const sentAt = new Date(0);
          const raw = new Webhook(Buffer.from(base64, 'base64'), { format: 'raw' });
          expect(new Webhook(secret).sign('msg_1', sentAt, '{}')).toBe(raw.sign('msg_1', sentAt, '{}'));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
