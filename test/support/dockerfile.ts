import { readFileSync } from 'node:fs';

/** One instruction: `COPY`, and what stands behind it. Lines that a backslash connects are one. */
export type Instruction = { readonly word: string; readonly given: string };

export type Stage = {
  readonly name: string | null;
  readonly from: string;
  readonly instructions: readonly Instruction[];
};

/** The stages of a Dockerfile, in order. */
export function stagesOf(path: string): readonly Stage[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { name: string | null; from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [word = '', ...rest] = line.split(' ');
    const given = rest.join(' ').trim();
    if (word === 'FROM') {
      const [from = '', , name = null] = rest;
      stages.push({ name, from, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ word, given });
    }
  }
  return stages;
}

/** The paths that a `COPY` takes from the build context, and where it puts them. */
export function copied({ given }: Instruction): { readonly paths: readonly string[]; readonly to: string } {
  const words = given.split(' ');
  return { paths: words.slice(0, -1), to: words.at(-1) ?? '' };
}
