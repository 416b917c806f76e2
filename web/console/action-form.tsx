import type { ComponentChildren } from 'preact';
import { useAction } from './use-action.ts';

type ActionFormProps = {
  readonly title: string;
  /** How it is now. */
  readonly about: string;
  readonly label: string;
  readonly isDanger?: boolean;
  /** Resolves to what was done, or to null when it has only asked back. */
  onSubmit(): Promise<string | null>;
  /** Told of what was done. */
  onDone(words: string): void;
  readonly children: ComponentChildren;
};

/** A few fields that are sent together. A refusal stands below them, and what was typed stays. */
export function ActionForm({
  title,
  about,
  label,
  isDanger = false,
  onSubmit,
  onDone,
  children,
}: ActionFormProps) {
  const action = useAction(onDone);
  return (
    <form
      class="action-form"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        action.run(onSubmit);
      }}
    >
      <h3>{title}</h3>
      <p class="help">{about}</p>
      <div class="fields">
        {children}
        <button type="submit" class={isDanger ? 'danger' : ''} disabled={action.isRunning}>
          {label}
        </button>
      </div>
      <p role="alert" class="failure">
        {action.failure}
      </p>
    </form>
  );
}
