/**
 * The characters that a text for people may not have, as the inside of a character class.
 *
 * - Control characters break log lines and terminals, and so do the separators of lines and paragraphs.
 * - A lone surrogate is half of a character and has no encoding: the stored text would differ from the answer.
 * - Bidirectional embeddings, overrides and isolates show the text around them in another order. A price beside a name could be read
 *   as another price.
 *
 * The marks U+200E, U+200F and U+061C are allowed: each acts as a letter of its direction without a width, so it can do no more than a
 * letter of Hebrew or Arabic, and such names need them beside digits and signs.
 */
const refusedCharacters = '\\p{Cc}\\p{Cs}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069';

/** A text without these characters, for the validator. */
export const printablePattern = `^[^${refusedCharacters}]*$`;

const refused = new RegExp(`[${refusedCharacters}]`, 'u');
/** Characters that are invisible, or change the text around them. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The first character that keeps a text from being printable, as a message writes it, and its place, counted from 1. */
export function firstUnprintable(
  text: string,
): { readonly character: string; readonly position: number } | null {
  const characters = Array.from(text);
  const index = characters.findIndex((character) => refused.test(character));
  return index === -1 ? null : { character: withUnseenEscaped(characters[index] ?? ''), position: index + 1 };
}

/** A text in which each character that cannot be seen is written as JavaScript writes it: `\u202e`. */
export function withUnseenEscaped(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code > 0xffff ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`;
  });
}
