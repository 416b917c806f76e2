import { useState } from 'preact/hooks';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { Confirmation } from './confirmations.ts';
import { useAction } from './use-action.ts';

type ActionButtonProps = {
  readonly label: string;
  /** The label for screen readers, with the name of the row. */
  readonly name?: string;
  /** The question before the action; null: it runs at once. */
  readonly confirmation: Confirmation | null;
  /** Returns a sentence about the result. */
  run(key: string): Promise<string>;
  onDone(words: string): void;
};

type Asked = { readonly confirmation: Confirmation; run(key: string): Promise<string> };

/** A button of one row. A refusal is shown in the question, or beside the button. */
export function ActionButton({ label, name, confirmation, run, onDone }: ActionButtonProps) {
  // Kept as asked: the row may change meanwhile, and the button would then run another action.
  const [asked, setAsked] = useState<Asked | null>(null);
  const action = useAction((words) => {
    setAsked(null);
    onDone(words);
  });
  const failure = action.failure?.summary ?? '';
  return (
    <>
      <button
        type="button"
        aria-label={name}
        aria-disabled={action.isRunning}
        onClick={() => (confirmation === null ? action.run(run) : setAsked({ confirmation, run }))}
      >
        {label}
      </button>
      <span role="alert" class="failure">
        {asked === null ? failure : ''}
      </span>
      {asked === null ? null : (
        <ConfirmDialog
          confirmation={asked.confirmation}
          isRunning={action.isRunning}
          failure={failure}
          onConfirm={() => action.run(asked.run)}
          onClose={() => {
            setAsked(null);
            action.setFailure(null);
          }}
        />
      )}
    </>
  );
}
