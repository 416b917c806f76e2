import {
  CheckoutError,
  type ErrorCode,
  type Problem,
  UnreachableError,
} from '../../src/client/checkout-client.ts';
import { clockTime } from './time-text.ts';

/** Why the checkout, or nobody, did what the buyer asked for. */
export type Refusal = {
  readonly code: ErrorCode | 'no_answer';
  /** Some codes have fields of their own. */
  readonly problem: Problem | null;
  /** Until then it is of no use to ask again: server's time in ms since 1970. */
  readonly retryAtMs: number | null;
  /** When it was refused, by the same clock. */
  readonly atMs: number;
};

/** What a buyer reads. */
export type Words = { readonly title: string; readonly sentence: string };

/** @param nowMs the server's time */
export function refusalOf(error: unknown, nowMs: number): Refusal {
  if (error instanceof CheckoutError) {
    const { code, problem, retryAfterMs } = error;
    return {
      code,
      problem,
      retryAtMs: retryAfterMs === null ? null : nowMs + retryAfterMs,
      atMs: nowMs,
    };
  }
  if (error instanceof UnreachableError) {
    return { code: 'no_answer', problem: null, retryAtMs: null, atMs: nowMs };
  }
  // Anything else is a defect of this page, and not for the buyer.
  throw error;
}

const notOurs: Words = {
  title: 'Something went wrong here',
  sentence: 'It is not your fault, and nothing was charged. You can try again.',
};
const busy: Words = {
  title: 'Very many people are here',
  sentence: 'Your request was not taken, so nothing has happened yet. Please try again in a moment.',
};
const gone: Words = {
  title: 'This is no longer on sale',
  sentence: 'It was taken off the sale while you were looking.',
};
const unknownOrder: Words = {
  title: 'We do not find your order',
  sentence: 'Nothing was charged. Please start again.',
};

/** Every code that the checkout has, so that a new one cannot be forgotten. Most can only come from a defect of this page. */
const words: Readonly<Record<Refusal['code'], Words | ((refusal: Refusal) => Words)>> = {
  insufficient_stock: notEnough,
  sale_not_open: notOpen,
  rate_limited: {
    title: 'That was too fast',
    sentence: 'Too many requests came from your connection. Nothing was held; you can try again soon.',
  },
  overloaded: busy,
  shutting_down: busy,
  request_timeout: busy,
  database_unavailable: {
    title: 'The sale has a short break',
    sentence: 'Your request was not taken yet. We are back in a moment, and you will not get two.',
  },
  no_answer: {
    title: 'No answer yet',
    sentence: 'Your connection or the shop is away. You can safely try again: you will not get two.',
  },
  product_not_found: gone,
  hold_not_found: { title: 'Your hold has ended', sentence: 'Nothing was charged. You can hold again.' },
  hold_expired: { title: 'Your time ran out', sentence: 'Nothing was charged. You can hold again.' },
  hold_released: { title: 'You gave it back', sentence: 'Nothing was charged. You can hold again.' },
  hold_already_ordered: {
    title: 'You have ordered this already',
    sentence: 'Your order is kept. Please load the page again to see it.',
  },
  hold_consumed: { title: 'This is paid already', sentence: 'It is yours. Please load the page again.' },
  order_not_found: unknownOrder,
  order_not_cancellable: {
    title: 'This order cannot be cancelled',
    sentence: 'It has ended or was paid meanwhile. Please load the page again to see it.',
  },
  internal_error: withId,
  malformed_request: notOurs,
  malformed_json: notOurs,
  unauthorized: notOurs,
  invalid_signature: notOurs,
  not_a_local_request: notOurs,
  refund_not_found: notOurs,
  event_not_found: notOurs,
  payment_event_not_found: notOurs,
  endpoint_not_found: notOurs,
  route_not_found: notOurs,
  method_not_allowed: notOurs,
  order_not_refundable: notOurs,
  order_not_payable: notOurs,
  payment_already_settled: notOurs,
  payment_event_not_waiting: notOurs,
  payment_event_resolved: notOurs,
  nothing_to_refund: notOurs,
  refund_in_progress: notOurs,
  stock_below_held: notOurs,
  version_mismatch: notOurs,
  body_too_large: notOurs,
  unsupported_media_type: notOurs,
  invalid_request: notOurs,
  idempotency_key_reused: notOurs,
  headers_too_large: notOurs,
};

/** A code that this page does not know comes from a newer server, and is told of like a defect. */
export function refusalWords(refusal: Refusal): Words {
  const found = Object.hasOwn(words, refusal.code) ? words[refusal.code] : withId;
  const said = typeof found === 'function' ? found(refusal) : found;
  return said === notOurs ? withId(refusal) : said;
}

function withId({ problem }: Refusal): Words {
  const id = problem === null ? '' : ` If it happens again, tell us this number: ${problem.request_id}`;
  return { ...notOurs, sentence: `${notOurs.sentence}${id}` };
}

function notEnough({ problem }: Refusal): Words {
  const left = problem?.available_stock ?? 0;
  if (left > 0) {
    return {
      title: left === 1 ? 'Only one is left' : `Only ${left} are left`,
      sentence: `You asked for ${problem?.requested ?? 'more'}, so nothing was held.`,
    };
  }
  const at = problem?.next_release_at ?? null;
  return at === null
    ? { title: 'Sold out', sentence: 'Others were faster, and none is left. Nothing was held.' }
    : {
        title: 'All are held by others',
        sentence: `Some may come back at ${clockTime(at)}. The button below wakes up as soon as they do.`,
      };
}

function notOpen({ problem, atMs }: Refusal): Words {
  const opensAt = problem?.opens_at ?? null;
  const isAhead = opensAt !== null && Date.parse(opensAt) > atMs;
  return {
    title: isAhead ? 'The sale is not open yet' : 'The sale has closed',
    sentence: isAhead ? `It opens at ${clockTime(opensAt)}. Nothing was held.` : 'Nothing was held.',
  };
}
