import { createHash } from 'node:crypto';
import { toDecimal } from '../domain/money.ts';
import type { Purchase } from '../payments/simulated/purchase.ts';
import type { SimulatedPaymentBody } from './schemas/simulated-payments.ts';
import { timeText } from './time-text.ts';

const style = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem }
dd { margin: 0; overflow-wrap: anywhere }
form { display: grid; gap: .6rem; margin: 1.5rem 0 }
button { font: inherit; padding: .6rem; cursor: pointer }
`;

/** Nothing runs, only the one style sheet applies, and forms go back to where the page came from. */
export const simulatedPaymentPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

type Action = SimulatedPaymentBody['action'];

const orderActions: readonly (readonly [Action, string])[] = [
  ['succeed', 'Pay'],
  ['fail', 'Fail to pay'],
  ['delay', 'Pay a second after the deadline'],
  ['duplicate', 'Pay, and be told of it twice'],
];
const holdActions: readonly (readonly [Action, string])[] = [['early', 'Pay before the order exists']];

/** The page of a simulated payment, which works without a script. */
export function simulatedPaymentPage({
  holdId,
  order,
  productName,
  quantity,
  amountMinor,
  currency,
}: Purchase): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Product', `${quantity} × ${productName}`],
    ['Amount', `${toDecimal(amountMinor, currency)} ${currency}`],
    ['Hold', String(holdId)],
    ...(order === null
      ? ([['Order', 'none yet']] as const)
      : ([
          ['Order', String(order.id)],
          ['Status', order.status],
          ['To be paid by', timeText(order.paymentDueAtMs)],
        ] as const)),
  ];
  const buttons = (order === null ? holdActions : orderActions).map(
    ([action, label]) => `<button name="action" value="${action}">${label}</button>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Simulated payment</title>
<style>${style}</style>
<h1>Simulated payment</h1>
<p>No money moves: this page stands in for a payment provider while there is none.
<dl>
${facts.map(([name, value]) => `<dt>${name}<dd>${html(value)}`).join('\n')}
</dl>
<form method="post">
${buttons.join('\n')}
</form>
<p><a href="">What has become of it</a>
</html>
`;
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
