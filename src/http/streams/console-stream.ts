import type { Live } from '../../live/live.ts';
import type { ProductSales } from '../../store/store-reader.ts';
import { presentAttention, presentAudit, presentSales, presentSeconds } from '../live-presenters.ts';
import { timeText } from '../time-text.ts';
import { eventBytes } from './event-text.ts';
import type { StreamSource } from './open-stream.ts';
import { Viewers, type ViewersMax } from './viewers.ts';

/** The sale for operators. */
export type ConsoleStream = {
  /** @param lastSecond the newest one that the viewer has seen before, in s since 1970 */
  readonly since: (lastSecond: number | null) => StreamSource;
  readonly viewers: Viewers;
};

export function consoleStream(live: Live, nowMs: () => number, viewersMax: ViewersMax): ConsoleStream {
  const { console: feed, seconds } = live;
  const viewers = new Viewers(viewersMax, () => feed.sleep());
  const productsMessage = (sales: readonly ProductSales[]) =>
    eventBytes('products', { now: timeText(nowMs()), products: sales.map(presentSales) });
  const secondsMessage = (after: number | null) => {
    const behind = seconds.after(after);
    return behind.length === 0 ? [] : [eventBytes('seconds', presentSeconds(behind), seconds.newest)];
  };
  const attentionMessage = () =>
    feed.attention === null ? [] : [eventBytes('attention', presentAttention(feed.attention))];
  const auditMessage = () => (feed.audit === null ? [] : [eventBytes('audit', presentAudit(feed.audit))]);

  const send = (bytes: Buffer) => viewers.send(bytes);
  let sent = 0;
  seconds.listen(() => {
    if (viewers.size > 0) {
      secondsMessage(sent).map(send);
    }
    sent = seconds.newest;
  });
  feed.listen({
    sales: (changed) => send(productsMessage(changed)),
    attention: () => attentionMessage().map(send),
    audited: () => auditMessage().map(send),
  });
  return {
    viewers,
    since: (lastSecond) => ({
      viewers,
      watch: () => feed.watch(),
      first: () =>
        Buffer.concat([
          productsMessage(feed.sales()),
          ...secondsMessage(lastSecond),
          ...attentionMessage(),
          ...auditMessage(),
        ]),
    }),
  };
}
