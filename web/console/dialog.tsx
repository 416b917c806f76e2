import type { ComponentChildren, RefObject } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

type DialogProps = {
  readonly title: string;
  readonly isWide?: boolean;
  /** A question: it has a button for each answer. */
  readonly alert?: { readonly describedBy: string; readonly firstFocus: RefObject<HTMLElement | null> };
  onClose(): void;
  readonly children: ComponentChildren;
};

/** In front of everything until it is closed. The focus stays inside, and then returns to the element before. */
export function Dialog({ title, isWide = false, alert, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const isGone = useRef(false);
  // Before the next event: a second Enter goes to the dialog, not to what opened it.
  useLayoutEffect(() => {
    const shown = dialog.current;
    const { activeElement: before } = document;
    shown?.showModal();
    alert?.firstFocus.current?.focus();
    return () => {
      isGone.current = true;
      shown?.close();
      // The browser returns the focus only when the dialog is closed before it is removed from the page.
      if (document.activeElement === document.body && before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? 'wide' : ''}
      role={alert === undefined ? undefined : 'alertdialog'}
      aria-labelledby={titleId}
      aria-describedby={alert?.describedBy}
      // At once: the browser closes the dialog at Escape and emits `close` with the next frame, 10 ms later on a busy machine. A dialog
      // that is opened again in between would have that event for its own.
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => isGone.current || onClose()}
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
