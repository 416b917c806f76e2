import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.tsx';
import { useAction } from './use-action.ts';

type ConfirmDialogProps = {
  readonly title: string;
  /** What the button says that does it. */
  readonly label: string;
  run(): Promise<string>;
  onDone(words: string): void;
  onClose(): void;
  /** What will happen. */
  readonly children: ComponentChildren;
};

/** Asked only before what hurts buyers when it was not meant. */
export function ConfirmDialog({ title, label, run, onDone, onClose, children }: ConfirmDialogProps) {
  const action = useAction((words) => {
    onDone(words);
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      <p role="alert" class="failure">
        {action.failure}
      </p>
      <div class="buttons">
        <button type="button" class="danger" disabled={action.isRunning} onClick={() => action.run(run)}>
          {label}
        </button>
      </div>
    </Dialog>
  );
}
