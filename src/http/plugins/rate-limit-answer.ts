import type { FastifyReply } from 'fastify';
import { sendProblem } from '../problem.ts';
import type { WindowCount } from './window-counts.ts';

/** The pause that an address with too many requests under way gets. */
const crowdedMs = 1000;

/** The values of a limit that its headers show. */
export type ShownLimit = {
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
};

/** Writes the headers of the IETF draft `draft-ietf-httpapi-ratelimit-headers`. */
export function showLimit(
  reply: FastifyReply,
  { name, max, windowMs }: ShownLimit,
  { count, ttlMs }: WindowCount,
): void {
  reply.header('ratelimit-policy', `"${name}";q=${max};w=${windowMs / 1000}`);
  reply.header('ratelimit', `"${name}";r=${Math.max(0, max - count)};t=${secondsIn(ttlMs)}`);
}

/** Refuses a request for the rest of a window. */
export function refuseForWindow(reply: FastifyReply, ttlMs: number, detail: string): void {
  reply.header('retry-after', Math.max(1, secondsIn(ttlMs)));
  sendProblem(reply, { code: 'rate_limited', detail });
}

/** Refuses a request of an address that has too many others under way. */
export function refuseCrowded(reply: FastifyReply): void {
  refuseForWindow(reply, crowdedMs, 'Too many requests of this address are under way.');
}

function secondsIn(ms: number): number {
  return Math.ceil(ms / 1000);
}
