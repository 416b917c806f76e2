import { offsetText, utcOffsetMs } from '../utc-offset.ts';
import { Field } from './field.tsx';
import { gapText, instantsOf, type LocalTime } from './local-time.ts';

type TimeFieldProps = {
  readonly label: string;
  readonly name: string;
  readonly time: LocalTime;
  onTime(time: LocalTime): void;
};

/** The API accepts years of four digits. */
const latest = '9999-12-31T23:59:59';

/** A local time with its offset from UTC. Where the clocks show the time twice, the operator chooses one. */
export function TimeField({ label, name, time, onTime }: TimeFieldProps) {
  const { text } = time;
  const offsets = instantsOf(text).map((instantMs) => utcOffsetMs(instantMs));
  const chosen = offsets.find((offsetMs) => offsetMs === time.offsetMs) ?? offsets[0];
  return (
    <Field
      label={label}
      name={name}
      type="datetime-local"
      step="1"
      max={latest}
      isOptional
      problem={gapText(text)}
      value={text}
      onValue={(value) => onTime({ ...time, text: value })}
      hint={offsets.length === 1 && chosen !== undefined ? offsetText(chosen) : ''}
    >
      {offsets.length > 1 ? (
        <select
          aria-label={`${label}: this time comes twice`}
          value={chosen}
          onChange={(event) => onTime({ ...time, offsetMs: Number(event.currentTarget.value) })}
        >
          {offsets.map((offsetMs, index) => (
            <option key={offsetMs} value={offsetMs}>
              {`${index === 0 ? 'First' : 'Second'} time (${offsetText(offsetMs)})`}
            </option>
          ))}
        </select>
      ) : null}
    </Field>
  );
}
