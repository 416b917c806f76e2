import { useId } from 'preact/hooks';

type CheckFieldProps = {
  readonly label: string;
  /** The field's name in the API. */
  readonly name: string;
  readonly value: boolean;
  onValue(value: boolean): void;
};

/** A yes or no of a form. */
export function CheckField({ label, name, value, onValue }: CheckFieldProps) {
  const id = useId();
  return (
    <div class="check-field">
      <input
        id={id}
        type="checkbox"
        name={name}
        checked={value}
        onInput={({ currentTarget }) => onValue(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
    </div>
  );
}
