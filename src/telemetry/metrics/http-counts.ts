import { addOne, Latencies } from './latency.ts';
import { Tally } from './tally.ts';

const statusMin = 100;
const statusMax = 599;
const created = 201;

/** The answers of one route. Counted once for each answer of a sale, so it only adds to numbers. */
export class RouteCounts {
  readonly method: string;
  /** The pattern and not the path: `/api/v1/holds/:id`. */
  readonly route: string;
  readonly latencies = new Latencies();
  readonly #byStatus = new Float64Array(statusMax - statusMin + 1);

  constructor(method: string, route: string) {
    this.method = method;
    this.route = route;
  }

  add(status: number, ms: number): void {
    addOne(this.#byStatus, status - statusMin);
    this.latencies.add(ms);
  }

  get total(): number {
    return this.#byStatus.reduce((sum, count) => sum + count, 0);
  }

  ofStatus(status: number): number {
    return this.#byStatus[status - statusMin] ?? 0;
  }

  /** The statuses that were answered, each with its count. */
  byStatus(): readonly (readonly [number, number])[] {
    return [...this.#byStatus].flatMap((count, index) => (count > 0 ? [[index + statusMin, count]] : []));
  }
}

/** What the server of a process has answered since it started. */
export class HttpCounts {
  readonly #routes = new Map<string, RouteCounts>();
  /** Answers with an error, by the code of the catalogue. */
  readonly problems = new Tally<string>([]);
  /** Admin tokens that were wrong, and those that were not compared because their address had sent too many. */
  readonly adminTokensRefused = new Tally<'wrong' | 'limited'>(['wrong', 'limited']);
  /** The route that a sale is about. */
  readonly holds = this.route('POST', '/api/v1/holds');

  /** The counts of a route, made when it is first asked for: at the start and not for a request. */
  route(method: string, route: string): RouteCounts {
    const key = `${method} ${route}`;
    const counts = this.#routes.get(key) ?? new RouteCounts(method, route);
    this.#routes.set(key, counts);
    return counts;
  }

  routes(): Iterable<RouteCounts> {
    return this.#routes.values();
  }

  /** Answers to `POST /holds` that made no hold and repeated none. */
  get refusedHolds(): number {
    return this.holds.total - this.holds.ofStatus(created);
  }
}
