import { useId } from 'preact/hooks';

type FieldProps = {
  readonly label: string;
  readonly value: string;
  onValue(value: string): void;
  readonly type?: 'text' | 'number' | 'datetime-local';
  readonly isOptional?: boolean;
  /** Of numbers and times. */
  readonly step?: string;
  readonly min?: string;
  readonly maxLength?: number;
};

/** A field of a form with its label. */
export function Field({ label, value, onValue, type = 'text', isOptional = false, ...limits }: FieldProps) {
  const id = useId();
  const same = {
    id,
    required: !isOptional,
    autocomplete: 'off' as const,
    value,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
      onValue(event.currentTarget.value),
    ...limits,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'text' ? <input {...same} type="text" /> : null}
      {type === 'number' ? <input {...same} type="number" /> : null}
      {type === 'datetime-local' ? <input {...same} type="datetime-local" /> : null}
    </div>
  );
}
