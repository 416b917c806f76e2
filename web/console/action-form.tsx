import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { Confirmation } from './confirmations.ts';
import type { Failure } from './failure-text.ts';
import { FieldErrors } from './field.tsx';
import { useAction } from './use-action.ts';

type ActionFormProps = {
  readonly title: string;
  /** How it is now. */
  readonly about: string;
  readonly label: string;
  /** A sentence that explains why the form is not sent although each field is valid; null: it can be sent. */
  check?(): string | null;
  /** The question before it is sent; null: it is sent at once. */
  confirm?(): Confirmation | null;
  /** Returns a sentence about the result. */
  onSubmit(key: string): Promise<string>;
  onDone(words: string): void;
  readonly children: ComponentChildren;
};

/**
 * A few fields that are sent together. An error of a field is shown at the field, which gets the focus. Other errors are shown below.
 * The typed values stay.
 */
export function ActionForm({
  title,
  about,
  label,
  check = () => null,
  confirm = () => null,
  onSubmit,
  onDone,
  children,
}: ActionFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [asked, setAsked] = useState<Confirmation | null>(null);
  const focusFirst = ({ fields }: Failure) =>
    inputsOf(form.current)
      .find(({ name }) => name in fields)
      ?.focus();
  const action = useAction(onDone, focusFirst);
  const { failure } = action;

  const send = () =>
    action.run(
      onSubmit,
      inputsOf(form.current).map(({ name }) => name),
    );
  const submit = () => {
    const fields = problemsOf(form.current);
    const summary = Object.keys(fields).length === 0 ? (check() ?? '') : '';
    if (summary !== '' || Object.keys(fields).length > 0) {
      action.setFailure({ summary, fields });
      focusFirst({ summary, fields });
      return;
    }
    const confirmation = confirm();
    action.setFailure(null);
    setAsked(confirmation);
    if (confirmation === null) {
      send();
    }
  };
  /** Removes an error as soon as its field is edited. */
  const forget = (name: string) => {
    if (failure !== null && name in failure.fields) {
      const { [name]: _edited, ...fields } = failure.fields;
      action.setFailure({ ...failure, fields });
    }
  };
  return (
    <>
      <form
        ref={form}
        class="action-form"
        aria-label={title}
        noValidate
        onInput={({ target }) => target instanceof HTMLInputElement && forget(target.name)}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h3>{title}</h3>
        <p class="help">{about}</p>
        <div class="fields">
          <FieldErrors.Provider value={failure?.fields ?? {}}>{children}</FieldErrors.Provider>
          <button type="submit" aria-disabled={action.isRunning}>
            {label}
          </button>
        </div>
        <p role="alert" class="failure">
          {failure?.summary}
        </p>
      </form>
      {asked === null ? null : (
        <ConfirmDialog
          confirmation={asked}
          onConfirm={() => {
            setAsked(null);
            send();
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

function inputsOf(form: HTMLFormElement | null): readonly HTMLInputElement[] {
  return [...(form?.elements ?? [])].filter((element) => element instanceof HTMLInputElement);
}

/** The browser's validation messages, in its language, and those of the fields. */
function problemsOf(form: HTMLFormElement | null): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inputsOf(form)
      .filter(({ validity }) => !validity.valid)
      .map(({ name, validationMessage }) => [name, validationMessage]),
  );
}
