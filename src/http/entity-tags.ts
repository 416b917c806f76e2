import { Type } from './schemas/type.ts';

/** RFC 9110, section 8.8.3. */
const entityTag = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';

/** The header with which an edit names the state that it is based on. */
export const ifMatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      title: '* or versions in quotes such as "a1b2c3d4e5f60718"',
      pattern: `^(?:\\*|${entityTag}(?:[ \\t]*,[ \\t]*${entityTag})*)$`,
      description:
        'The `ETag` of the product that the edit is based on. With another version the edit is refused; `*` takes any.',
    }),
  ),
});

/** A version as a strong entity tag. */
export function entityTagOf(version: string): string {
  return `"${version}"`;
}

/**
 * The versions that `If-Match` accepts, or null when it accepts any. RFC 9110, section 13.1.1: tags are compared strongly, so a
 * weak tag equals nothing.
 *
 * @param header as `ifMatchHeaders` allows it
 */
export function expectedVersions(header: string | undefined): readonly string[] | null {
  if (header === undefined || header === '*') {
    return null;
  }
  const tags = header.matchAll(/(W\/)?"([^"]*)"/g);
  return [...tags].flatMap(([, weak, version = '']) => (weak === undefined ? [version] : []));
}
