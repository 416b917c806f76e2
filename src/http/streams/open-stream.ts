import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpCounts } from '../../telemetry/metrics/http-counts.ts';
import { networkOf } from '../plugins/address-text.ts';
import { answeredByItself } from '../plugins/answer-counts.ts';
import { refuseForWindow } from '../plugins/rate-limit-answer.ts';
import { sendProblem } from '../problem.ts';
import type { Viewers } from './viewers.ts';

export const eventStreamMediaType = 'text/event-stream';

/** The end of a stream cannot be predicted. A page that is closed ends its stream within seconds. */
const refusedMs = 5_000;

export type StreamSource = {
  readonly viewers: Viewers;
  /** Resolves when there is something to tell; rejects when there cannot be. */
  readonly watch: () => Promise<void>;
  /** What a viewer has to know at first. */
  readonly first: () => Buffer;
};

/** Answers with a stream, or with why there is none. */
export async function openStream(
  source: StreamSource,
  request: FastifyRequest,
  reply: FastifyReply,
  counts: HttpCounts | undefined,
): Promise<void> {
  const { viewers } = source;
  const isWatching = request.method !== 'HEAD';
  const address = networkOf(request.clientAddress);
  // Nobody would leave after whoever asks for the head only, so the reads would go on for ever.
  if (isWatching && !viewers.isFull && !viewers.isFullFor(address)) {
    await source.watch();
  }
  if (viewers.isFullFor(address)) {
    refuseForWindow(reply, refusedMs, 'This address has as many live streams as one address may have.');
    return;
  }
  if (viewers.isFull) {
    sendProblem(reply, { code: 'overloaded', detail: 'Too many watch already.' });
    return;
  }
  reply.header('content-type', eventStreamMediaType);
  // Some proxies collect an answer until it has ended.
  reply.header('x-accel-buffering', 'no');
  if (!isWatching) {
    reply.send();
    return;
  }
  reply.hijack();
  // What it says from now on is no part of the answer's time, and that its viewer leaves is no failure.
  answeredByItself(request, 200, counts);
  const { raw } = reply;
  // The end of the stream is that of the connection, so a message is written as it is and needs no frame of its own.
  raw.useChunkedEncodingByDefault = false;
  const headers = reply.header('connection', 'close').getHeaders();
  raw.writeHead(200, headers as OutgoingHttpHeaders);
  viewers.add(raw, address, source.first());
}
