import { type Static, Type } from './type.ts';
import { oneOf, strictObject } from './values.ts';

/** An hour: nobody who tries something out waits longer. */
const delayMsMax = 3_600_000;

export const clientSecretParams = strictObject({ client_secret: Type.String() });

export const simulatedPaymentBody = strictObject(
  {
    action: oneOf('succeed', 'fail', 'delay', 'duplicate', 'early'),
    delay_ms: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: delayMsMax,
        description: 'With `delay`: how much later it succeeds; without it a second after the deadline.',
      }),
    ),
  },
  {
    description:
      '`succeed` and `fail` are told of at once, `delay` succeeds later, `duplicate` is told of twice, `early` names the hold as if there were no order yet.',
    examples: [{ action: 'succeed' }],
  },
);
export type SimulatedPaymentBody = Static<typeof simulatedPaymentBody>;

export const simulatedPaymentAnswer = Type.Object(
  { status: oneOf('open', 'paid', 'closed') },
  {
    description: 'What has become of the payment by now. The order learns of it by an event of its own.',
    examples: [{ status: 'paid' }],
  },
);
