/** An answer as it came. */
export type WireAnswer = {
  readonly status: number;
  /** By their names in small letters, each as often as it came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
  /** A stream of events: it was read to the end of its head only. */
  readonly isStream: boolean;
  readonly endsConnection: boolean;
};

const brace = '{'.charCodeAt(0);

type Head = Pick<WireAnswer, 'status' | 'headers'> & { readonly bytes: number };

/** Takes the bytes that come over one connection, and finds the answers in them. */
export class AnswerReader {
  readonly answers: WireAnswer[] = [];
  readonly #method: string;
  #bytes = Buffer.alloc(0);
  #ended = false;

  /** @param method of the first request: an answer to HEAD has no body */
  constructor(method: string) {
    this.#method = method;
  }

  /** True when something came that is no whole answer. */
  get isBroken(): boolean {
    return this.#bytes.length > 0;
  }

  /** What came and is no whole answer. */
  get rest(): string {
    return JSON.stringify(this.#bytes.toString('latin1').slice(0, 500));
  }

  take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#read();
  }

  /** The connection has ended, and with it an answer that does not say how long it is. */
  end(): void {
    this.#ended = true;
    this.#read();
  }

  #read(): void {
    for (let head = readHead(this.#bytes); head !== null; head = readHead(this.#bytes)) {
      const { status, headers } = head;
      const rest = this.#bytes.subarray(head.bytes);
      const isStream = headers.get('content-type')?.[0]?.startsWith('text/event-stream') === true;
      // What the parser of the server could not read is answered with a body, whatever its method was.
      const isHead = this.#method === 'HEAD' && this.answers.length === 0 && rest[0] !== brace;
      const hasBody = status >= 200 && status !== 204 && status !== 304 && !isHead;
      const body = hasBody && !isStream ? readBody(headers, rest, this.#ended) : { text: '', bytes: 0 };
      if (body === null) {
        return;
      }
      this.#bytes = isStream ? Buffer.alloc(0) : rest.subarray(body.bytes);
      if (status >= 200) {
        const { text } = body;
        const endsConnection = isStream || headers.get('connection')?.[0]?.toLowerCase() === 'close';
        this.answers.push({ status, headers, text, isStream, endsConnection });
      }
    }
  }
}

function readHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = end < 0 ? [] : bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) {
    return null;
  }
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { status, headers, bytes: end + 4 };
}

/** Null while more of it has to come. */
function readBody(
  headers: Head['headers'],
  bytes: Buffer,
  ended: boolean,
): { readonly text: string; readonly bytes: number } | null {
  const length = headers.get('content-length')?.[0];
  if (length !== undefined) {
    const count = Number(length);
    return bytes.length < count ? null : { text: bytes.subarray(0, count).toString(), bytes: count };
  }
  if (headers.get('transfer-encoding')?.[0] !== 'chunked') {
    return ended ? { text: bytes.toString(), bytes: bytes.length } : null;
  }
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const next = lineEnd + 2 + size + 2;
    if (lineEnd < 0 || bytes.length < next) {
      return null;
    }
    if (size === 0) {
      return { text: Buffer.concat(parts).toString(), bytes: next };
    }
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}
