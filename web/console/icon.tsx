import type { JSX } from 'preact';

/** Each has a shape of its own, so nothing is told by colour alone. */
const paths: Readonly<Record<string, JSX.Element>> = {
  selling: <path d="M5 12.5 10 17.5 19 7" />,
  quiet: <path d="M8 5v14M16 5v14" />,
  act: <path d="M12 4 2.5 20h19zM12 10v4.5M12 17v.5" />,
  wrong: <path d="M6 6 18 18M18 6 6 18" />,
  blind: <path d="M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM4 20 20 4" />,
  waits: <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2" />,
  fine: <path d="M6 12.5 10.5 17 18 8" />,
};

/** The icon of a verdict or a level. It stands beside words that say the same. */
export function Icon({ name }: { readonly name: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {paths[name]}
    </svg>
  );
}
