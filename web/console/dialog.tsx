import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

type DialogProps = {
  readonly title: string;
  readonly isWide?: boolean;
  /** A question that has to be decided first: it has a button for each way out. */
  readonly alert?: { readonly describedBy: string; readonly firstFocus: RefObject<HTMLElement | null> };
  onClose(): void;
  readonly children: ComponentChildren;
};

/** In front of everything until it is closed; the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ title, isWide = false, alert, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    alert?.firstFocus.current?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? 'wide' : ''}
      role={alert === undefined ? undefined : 'alertdialog'}
      aria-labelledby={titleId}
      aria-describedby={alert?.describedBy}
      onClose={onClose}
    >
      <div class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        {alert === undefined ? (
          <button type="button" class="quiet" onClick={onClose}>
            Close
          </button>
        ) : null}
      </div>
      {children}
    </dialog>
  );
}
