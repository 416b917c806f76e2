import { randomBytes } from 'node:crypto';

type Metadata = Readonly<Record<string, string>>;

export type StripeIntent = {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  amount_received: number;
  readonly currency: string;
  status: 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled';
  readonly client_secret: string;
  latest_charge: string | null;
  readonly metadata: Metadata;
};

export type StripeCharge = {
  readonly id: string;
  readonly object: 'charge';
  readonly amount: number;
  amount_refunded: number;
  refunded: boolean;
  readonly currency: string;
  readonly payment_intent: string;
  readonly metadata: Metadata;
};

export type StripeRefund = {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly currency: string;
  readonly charge: string;
  readonly payment_intent: string;
  /** In seconds since 1970. */
  readonly created: number;
  status: 'pending' | 'succeeded' | 'failed';
  failure_reason?: string;
  readonly metadata: Metadata;
};

export type StripeDispute = {
  readonly id: string;
  readonly object: 'dispute';
  readonly amount: number;
  readonly currency: string;
  readonly charge: string;
  readonly payment_intent: string;
  status: 'needs_response' | 'won' | 'lost';
};

export type StripeEvent = {
  readonly id: string;
  readonly object: 'event';
  readonly type: string;
  /** In seconds since 1970. */
  readonly created: number;
  readonly data: { readonly object: StripeIntent | StripeCharge | StripeRefund | StripeDispute };
};

/** Of an account that is paid out in dollars, as far as tests need it. */
const smallestPayments: Readonly<Record<string, number>> = { usd: 50 };
/** Twelve digits. */
const largestPayment = 999_999_999_999;

/** What a request gets: a status and a body, as Stripe gives them. */
export type StripeAnswer = { readonly status: number; readonly body: object };

/** A request's form, read. */
export type StripeForm = { readonly fields: Readonly<Record<string, string>>; readonly metadata: Metadata };

/**
 * The part of Stripe that keeps payments and refunds and tells of what happened to them. It answers requests as the API does, and has
 * doors for what buyers, operators and banks do there.
 */
export class StripeLedger {
  readonly intents = new Map<string, StripeIntent>();
  readonly charges = new Map<string, StripeCharge>();
  readonly refunds: StripeRefund[] = [];
  readonly disputes: StripeDispute[] = [];
  readonly events: StripeEvent[] = [];
  /** The clock of Stripe, in ms since 1970. */
  nowMs: () => number = Date.now;
  /** What a new refund is at first. */
  newRefundIs: 'succeeded' | 'pending' = 'succeeded';
  /** Currencies that this account cannot charge. */
  readonly otherCurrencies = new Set<string>();
  readonly #tell: (event: StripeEvent) => void;

  constructor(tell: (event: StripeEvent) => void) {
    this.#tell = tell;
  }

  answer(method: string, path: string, form: StripeForm): StripeAnswer {
    const [, collection, id = '', verb] = /^\/v1\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(path) ?? [];
    switch (`${method} ${collection}${id === '' ? '' : '/id'}${verb === undefined ? '' : `/${verb}`}`) {
      case 'POST payment_intents':
        return this.#createIntent(form);
      case 'GET payment_intents/id':
        return found(this.#expanded(id, form), id);
      case 'POST payment_intents/id/cancel':
        return this.#cancelIntent(id);
      case 'POST refunds':
        return this.#createRefund(form);
      case 'GET refunds/id':
        return found(
          this.refunds.find((refund) => refund.id === id),
          id,
        );
      case 'GET refunds':
        return this.#listRefunds(form);
      default:
        return refusal(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${path})`);
    }
  }

  /** An intent, with its charge in place of the charge's id where that is asked for. */
  #expanded(id: string, { fields }: StripeForm): object | undefined {
    const intent = this.intents.get(id);
    return intent !== undefined && fields['expand[0]'] === 'latest_charge'
      ? { ...intent, latest_charge: this.charges.get(intent.latest_charge ?? '') ?? null }
      : intent;
  }

  /** A buyer pays with a card that works. */
  pay(intentId: string, { amount }: { readonly amount?: number } = {}): void {
    const intent = this.#intent(intentId);
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw new Error(`${intentId} cannot be paid: it is ${intent.status}`);
    }
    const charge: StripeCharge = {
      id: newId('ch'),
      object: 'charge',
      amount: amount ?? intent.amount,
      amount_refunded: 0,
      refunded: false,
      currency: intent.currency,
      payment_intent: intent.id,
      metadata: intent.metadata,
    };
    this.charges.set(charge.id, charge);
    intent.status = 'succeeded';
    intent.amount_received = charge.amount;
    intent.latest_charge = charge.id;
    this.#happened('payment_intent.succeeded', intent);
  }

  /** A buyer pays in a way that takes its time. The payment can neither be made in another way nor be cancelled until that has ended. */
  beginTransfer(intentId: string): void {
    this.#intent(intentId).status = 'processing';
  }

  /** A buyer's card is declined; another may follow. */
  decline(intentId: string): void {
    this.#happened('payment_intent.payment_failed', this.#intent(intentId));
  }

  /** An operator sends money back in Stripe's own pages. */
  refundByHand(intentId: string, amount: number): StripeRefund {
    if (amount > this.leftOf(intentId)) {
      throw new Error(`expected at most ${this.leftOf(intentId)} to refund of ${intentId}, got ${amount}`);
    }
    return this.#refund(this.#chargeOf(intentId), amount, {});
  }

  /** A bank refuses a refund, which may be days later. */
  failRefund(refundId: string): void {
    const refund = this.refunds.find(({ id }) => id === refundId);
    const charge = this.charges.get(refund?.charge ?? '');
    if (refund === undefined || charge === undefined) {
      throw new Error(`there is no refund ${refundId}`);
    }
    refund.status = 'failed';
    refund.failure_reason = 'expired_or_canceled_card';
    charge.amount_refunded -= refund.amount;
    charge.refunded = false;
    this.#happened('refund.failed', refund);
  }

  /** A buyer's bank demands money back. */
  dispute(intentId: string, amount: number): StripeDispute {
    const charge = this.#chargeOf(intentId);
    const dispute: StripeDispute = {
      id: newId('dp'),
      object: 'dispute',
      amount,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: intentId,
      status: 'needs_response',
    };
    this.disputes.push(dispute);
    this.#happened('charge.dispute.created', dispute);
    return dispute;
  }

  /** A dispute ends, or a later decision reverses its end. */
  closeDispute(dispute: StripeDispute, status: 'won' | 'lost'): void {
    dispute.status = status;
    this.#happened('charge.dispute.closed', dispute);
  }

  /** What of a payment neither went back nor is disputed. */
  leftOf(intentId: string): number {
    const charge = this.#chargeOf(intentId);
    const disputed = this.disputes
      .filter((dispute) => dispute.charge === charge.id && dispute.status !== 'won')
      .reduce((sum, { amount }) => sum + amount, 0);
    return charge.amount - charge.amount_refunded - disputed;
  }

  #createIntent({ fields, metadata }: StripeForm): StripeAnswer {
    const id = newId('pi');
    const intent: StripeIntent = {
      id,
      object: 'payment_intent',
      amount: Number(fields.amount),
      amount_received: 0,
      currency: fields.currency ?? '',
      status: 'requires_payment_method',
      client_secret: `${id}_secret_${randomBytes(12).toString('hex')}`,
      latest_charge: null,
      metadata,
    };
    const refused = this.#refusalOf(intent);
    if (refused !== null) {
      return refused;
    }
    this.intents.set(id, intent);
    this.#happened('payment_intent.created', intent);
    return { status: 200, body: copyOf(intent) };
  }

  /** As Stripe words it. A currency has no code, only its parameter. */
  #refusalOf({ amount, currency }: StripeIntent): StripeAnswer | null {
    const type = 'invalid_request_error';
    const about = (message: string, code: string) => refusal(400, type, message, code, 'amount');
    if (!Number.isSafeInteger(amount) || amount < 1) {
      return about(`Invalid integer: ${amount}`, 'parameter_invalid_integer');
    }
    if (!/^[a-z]{3}$/.test(currency) || this.otherCurrencies.has(currency)) {
      const message = `Invalid currency: ${currency}. Stripe accounts in US do not support ${currency}.`;
      return refusal(400, type, message, undefined, 'currency');
    }
    if (amount < (smallestPayments[currency] ?? 0)) {
      return about(
        'The amount must be greater than or equal to the minimum charge amount',
        'amount_too_small',
      );
    }
    return amount > largestPayment
      ? about('The amount must be less than or equal to the maximum charge amount', 'amount_too_large')
      : null;
  }

  #cancelIntent(id: string): StripeAnswer {
    const intent = this.intents.get(id);
    if (intent?.status !== 'requires_payment_method') {
      return intent === undefined
        ? found(intent, id)
        : refusal(
            400,
            'invalid_request_error',
            `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`,
            'payment_intent_unexpected_state',
          );
    }
    intent.status = 'canceled';
    this.#happened('payment_intent.canceled', intent);
    return { status: 200, body: copyOf(intent) };
  }

  #createRefund({ fields, metadata }: StripeForm): StripeAnswer {
    const intentId = fields.payment_intent ?? '';
    const charge = this.charges.get(this.intents.get(intentId)?.latest_charge ?? '');
    if (charge === undefined) {
      return found(undefined, intentId);
    }
    if (charge.refunded) {
      const message = `Charge ${charge.id} has already been refunded.`;
      return refusal(400, 'invalid_request_error', message, 'charge_already_refunded');
    }
    const amount = Number(fields.amount);
    if (amount > charge.amount - charge.amount_refunded) {
      // Without a code.
      const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${charge.amount - charge.amount_refunded})`;
      return refusal(400, 'invalid_request_error', message);
    }
    if (amount > this.leftOf(intentId)) {
      const message = `Charge ${charge.id} has been charged back; cannot issue a refund.`;
      return refusal(400, 'invalid_request_error', message, 'charge_disputed');
    }
    return { status: 200, body: copyOf(this.#refund(charge, amount, metadata)) };
  }

  #refund(charge: StripeCharge, amount: number, metadata: Metadata): StripeRefund {
    const refund: StripeRefund = {
      id: newId('re'),
      object: 'refund',
      amount,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: charge.payment_intent,
      created: this.#second(),
      status: this.newRefundIs,
      metadata,
    };
    this.refunds.unshift(refund);
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refunded === charge.amount;
    this.#happened('refund.created', refund);
    this.#happened('charge.refunded', charge);
    return refund;
  }

  #listRefunds({ fields }: StripeForm): StripeAnswer {
    const all = this.refunds.filter(({ payment_intent }) => payment_intent === fields.payment_intent);
    const after = fields.starting_after;
    const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const data = all.slice(from, from + Number(fields.limit ?? 10));
    return {
      status: 200,
      body: {
        object: 'list',
        url: '/v1/refunds',
        has_more: from + data.length < all.length,
        data: copyOf(data),
      },
    };
  }

  #happened(type: string, object: StripeEvent['data']['object']): void {
    const event: StripeEvent = {
      id: newId('evt'),
      object: 'event',
      type,
      created: this.#second(),
      data: { object: copyOf(object) },
    };
    this.events.push(event);
    this.#tell(event);
  }

  #second(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  #intent(id: string): StripeIntent {
    const intent = this.intents.get(id);
    if (intent === undefined) {
      throw new Error(`there is no payment intent ${id}`);
    }
    return intent;
  }

  #chargeOf(intentId: string): StripeCharge {
    const charge = this.charges.get(this.#intent(intentId).latest_charge ?? '');
    if (charge === undefined) {
      throw new Error(`${intentId} was not paid`);
    }
    return charge;
  }
}

export function refusal(
  status: number,
  type: string,
  message: string,
  code?: string,
  param?: string,
): StripeAnswer {
  const named = { ...(code === undefined ? {} : { code }), ...(param === undefined ? {} : { param }) };
  return { status, body: { error: { type, message, ...named } } };
}

function found(object: object | undefined, id: string): StripeAnswer {
  return object === undefined
    ? refusal(404, 'invalid_request_error', `No such object: '${id}'`, 'resource_missing')
    : { status: 200, body: copyOf(object) };
}

/** What was told stays as it was then. */
function copyOf<Value extends object>(value: Value): Value {
  return structuredClone(value);
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}
