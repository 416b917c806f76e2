import { useState } from 'preact/hooks';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { Confirmation } from './confirmations.ts';
import { useAction } from './use-action.ts';

type ActionButtonProps = {
  readonly label: string;
  /** The label for those who do not see which row the button is in. */
  readonly name?: string;
  /** What is asked first; null: it runs at once. */
  readonly confirmation: Confirmation | null;
  /** Returns what was done, in a sentence. */
  run(): Promise<string>;
  onDone(words: string): void;
};

type Asked = { readonly confirmation: Confirmation; run(): Promise<string> };

/** A button of one row. A refusal stands where the operator looks: in the question, or beside the button. */
export function ActionButton({ label, name, confirmation, run, onDone }: ActionButtonProps) {
  // Kept as it was asked: the row may change meanwhile, and the button would then do what was not asked.
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
