import { useId, useRef } from 'preact/hooks';
import type { Confirmation } from './confirmations.ts';
import { Dialog } from './dialog.tsx';

type ConfirmDialogProps = {
  readonly confirmation: Confirmation;
  readonly isRunning?: boolean;
  /** The reason of a refusal. */
  readonly failure?: string;
  onConfirm(): void;
  onClose(): void;
};

/** Asks before a change that affects buyers or money at once. The focus is on the harmless button, so a second Enter changes nothing. */
export function ConfirmDialog({
  confirmation: { title, sentences, label },
  isRunning = false,
  failure = '',
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const sentencesId = useId();
  return (
    <Dialog title={title} alert={{ describedBy: sentencesId, firstFocus: cancel }} onClose={onClose}>
      <div id={sentencesId} class="consequences">
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <p role="alert" class="failure">
        {failure}
      </p>
      <div class="buttons">
        <button ref={cancel} type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="danger" aria-disabled={isRunning} onClick={onConfirm}>
          {label}
        </button>
      </div>
    </Dialog>
  );
}
