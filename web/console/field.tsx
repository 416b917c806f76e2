import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId, useLayoutEffect, useRef } from 'preact/hooks';

/** The error of each field of the surrounding form, by the field's name. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({});

type FieldProps = {
  readonly label: string;
  /** The field's name in the API. */
  readonly name: string;
  readonly value: string;
  onValue(value: string): void;
  readonly type?: 'text' | 'number' | 'datetime-local';
  readonly isOptional?: boolean;
  /** An error that the browser does not find; null: the value is valid. The form is not sent with an error. */
  readonly problem?: string | null;
  /** Of numbers and times. */
  readonly step?: string;
  readonly min?: string;
  readonly max?: string;
  readonly maxLength?: number;
  /** An addition to the value, such as its offset from UTC. */
  readonly hint?: string;
  readonly children?: ComponentChildren;
};

/** A field of a form with its label, its hint and its error. Screen readers read all of them. */
export function Field({
  label,
  value,
  onValue,
  type = 'text',
  isOptional = false,
  problem = null,
  hint = '',
  children,
  ...limits
}: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // Before the next event: Enter may follow the last key at once.
  useLayoutEffect(() => input.current?.setCustomValidity(problem ?? ''), [problem]);
  const error = useContext(FieldErrors)[limits.name];
  const same = {
    id,
    ref: input,
    required: !isOptional,
    autocomplete: 'off' as const,
    'aria-invalid': error !== undefined,
    'aria-describedby': `${id}-hint ${id}-error`,
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
      {children}
      <p id={`${id}-hint`} class="help">
        {hint}
      </p>
      <p id={`${id}-error`} class="failure">
        {error}
      </p>
    </div>
  );
}
