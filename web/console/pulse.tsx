import { useMemo } from 'preact/hooks';
import { countText } from '../number-text.ts';
import { chartData, latest, sumOf } from './chart-data.ts';
import { countOf, msText } from './format.ts';
import { type Line, LineChart } from './line-chart.tsx';
import type { SaleState } from './sale-state.ts';

const rateFigures = ['holds', 'orders', 'payments', 'refusals'] as const;
const rateLines: readonly Line[] = [
  { name: 'Holds', color: '--held', dash: [] },
  { name: 'Orders', color: '--ordered', dash: [8, 3] },
  { name: 'Payments', color: '--sold', dash: [2, 3] },
  { name: 'Refusals', color: '--refused', dash: [8, 3, 2, 3] },
];
const delayFigures = ['p50_ms', 'p99_ms'] as const;
const delayLines: readonly Line[] = [
  { name: 'Half within', color: '--p50', dash: [] },
  { name: '99 % within', color: '--p99', dash: [6, 3] },
];

/** What the sale does each second and how fast, now and over the last five minutes. */
export function Pulse({ sale }: { readonly sale: Pick<SaleState, 'seconds' | 'processes'> }) {
  const { seconds, processes } = sale;
  const rates = useMemo(() => chartData(seconds, rateFigures), [seconds]);
  const delays = useMemo(() => chartData(seconds, delayFigures), [seconds]);
  const now = seconds.at(-1);
  const rateNow = rateFigures.map((figure) => now?.[figure] ?? 0);
  const delayNow = delayFigures.map((figure) => latest(seconds, figure));
  const delayWords = delayNow.map((ms) => (ms === null ? '–' : msText(ms)));
  return (
    <section class="pulse" aria-label="The last five minutes">
      <figure>
        <figcaption>
          Each second <span class="help">{countOf(processes, 'process', 'processes')}</span>
        </figcaption>
        <LineChart
          lines={rateLines}
          data={rates}
          topMin={5}
          alternative={`In the last second ${rateLines.map(({ name }, index) => `${name} ${rateNow[index]}`).join(', ')}.`}
        />
        <dl class="figures">
          {rateLines.map((line, index) => (
            <div key={line.name}>
              <dt>
                <Swatch line={line} /> {line.name}
                <span class="sum">{countText(sumOf(seconds, rateFigures[index] ?? 'holds'))} in 5 min</span>
              </dt>
              <dd class="big">{countText(rateNow[index] ?? 0)}</dd>
            </div>
          ))}
        </dl>
      </figure>
      <figure>
        <figcaption>
          Answers to holds, ms <span class="help">{countText(now?.waiting ?? 0)} in the queue</span>
        </figcaption>
        <LineChart
          lines={delayLines}
          data={delays}
          topMin={10}
          alternative={`Half of the holds are answered within ${delayWords[0]} ms, 99 % within ${delayWords[1]} ms.`}
        />
        <dl class="figures">
          {delayLines.map((line, index) => (
            <div key={line.name}>
              <dt>
                <Swatch line={line} /> {line.name}
              </dt>
              <dd class="big">{delayWords[index]}</dd>
            </div>
          ))}
        </dl>
      </figure>
    </section>
  );
}

/** A piece of the line itself. */
function Swatch({ line }: { readonly line: Line }) {
  return (
    <svg class="swatch" viewBox="0 0 22 6" aria-hidden="true" focusable="false">
      <path d="M0 3h22" style={{ stroke: `var(${line.color})` }} stroke-dasharray={line.dash.join(' ')} />
    </svg>
  );
}
