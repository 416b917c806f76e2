import { useEffect } from 'preact/hooks';

const shownMs = 12_000;

/** What was just done, said for a while where it covers nothing that can be clicked. */
export function Notices({ words, onDismiss }: { readonly words: string; onDismiss(): void }) {
  useEffect(() => {
    if (words === '') {
      return;
    }
    const timer = setTimeout(onDismiss, shownMs);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <p class="notice" role="status" data-shown={words !== ''}>
      {words}
    </p>
  );
}
