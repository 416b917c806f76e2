import { describe, expect, it } from 'vitest';
import { HostChoice, passOverMs } from './host-choice.ts';
import type { Host } from './server-url.ts';

const host = (name: string): Host => ({ address: name, port: 1, name });
const a = host('a');
const b = host('b');
const c = host('c');

/** What happens, at which ms, and in which order hosts are tried then and which one is due for a look. */
type Step = readonly [
  atMs: number,
  happens: (choice: HostChoice) => unknown,
  order: readonly Host[],
  due: Host | undefined,
];

const { refused, silent } = passOverMs;
const works = (which: Host) => (choice: HostChoice) => choice.works(which);
const refuses = (which: Host) => (choice: HostChoice) => choice.passOver(which, 'refused');
const isSilent = (which: Host) => (choice: HostChoice) => choice.passOver(which, 'silent');
const nothing = () => {};

describe('the choice among hosts', () => {
  it.each<{ readonly name: string; readonly hosts: readonly Host[]; readonly steps: readonly Step[] }>([
    {
      name: 'keeps the order of the URL, and looks at those that nobody needed once one is in use',
      hosts: [a, b, c],
      steps: [
        [0, nothing, [a, b, c], undefined],
        [0, works(a), [a, b, c], b],
        [0, works(b), [a, b, c], c],
        [0, works(c), [a, b, c], undefined],
      ],
    },
    {
      name: 'passes over one that refused, until a look behind its time finds that it works',
      hosts: [a, b],
      steps: [
        [0, refuses(a), [b, a], undefined],
        [0, works(b), [b, a], undefined],
        [refused - 1, nothing, [b, a], undefined],
        [refused, nothing, [b, a], a],
        [refused, refuses(a), [b, a], undefined],
        [2 * refused, nothing, [b, a], a],
        [2 * refused, works(a), [a, b], undefined],
      ],
    },
    {
      name: 'leaves one alone for longer that did not answer',
      hosts: [a, b],
      steps: [
        [0, works(b), [a, b], a],
        [0, isSilent(a), [b, a], undefined],
        [silent - 1, nothing, [b, a], undefined],
        [silent, nothing, [b, a], a],
      ],
    },
    {
      name: 'tries all when none is left, those first that refused at once',
      hosts: [a, b, c],
      steps: [
        [0, isSilent(a), [b, c, a], undefined],
        [0, refuses(c), [b, c, a], undefined],
        [1, refuses(b), [c, b, a], undefined],
        [2, works(b), [b, c, a], undefined],
      ],
    },
    {
      name: 'never passes over a lone one',
      hosts: [a],
      steps: [
        [0, isSilent(a), [a], undefined],
        [0, works(a), [a], undefined],
      ],
    },
  ])('$name', ({ hosts, steps }) => {
    let nowMs = 0;
    const choice = new HostChoice(hosts, () => nowMs);
    for (const [atMs, happens, order, due] of steps) {
      nowMs = atMs;
      happens(choice);
      expect(choice.order()).toEqual(order);
      expect(choice.due()).toBe(due);
      expect(hosts.map((one) => choice.isBest(one))).toEqual(hosts.map((one) => one === order[0]));
    }
  });

  it('says once that a host is passed over and once that it is back', () => {
    const choice = new HostChoice([a, b], () => 0);
    expect([choice.works(a), choice.passOver(a, 'refused'), choice.passOver(a, 'silent')]).toEqual([
      false,
      true,
      false,
    ]);
    expect([choice.works(a), choice.works(a)]).toEqual([true, false]);
  });
});
