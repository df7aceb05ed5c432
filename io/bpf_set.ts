import type { BpfStep } from "./bpf.ts";

/** Slots that one word of bits stands for. */
const blockSlots = 32;
/** So near that a conditional jump, which reaches 255 steps, gets from the first of them to the last. */
const leavesPerRun = 48;
const numbersEnd = 2 ** 32;

/** Numbers from `start` up to but not including `end`; bit n of `bits` stands for the n-th slot of them. */
interface Block {
  readonly start: number;
  end: number;
  readonly bits: number;
  /** The next one begins where this one ends. */
  isFollowed: boolean;
}

/**
 * Steps that go to `hit` where the 32-bit word at an offset of the packet is one of the numbers, and else to `miss`.
 *
 * Addresses come from pools, so that many are near one another: a word of 32 bits says which of 32 neighbours are in
 * the set, full words in a row are a range, and both are found by halving. A set too scattered for `stepsMax` has each
 * bit stand for 2, 4, 8 … neighbours: then some numbers beside those of the set are hits too, never fewer.
 */
export function memberSteps(
  numbers: readonly number[],
  at: number,
  stepsMax: number,
  { hit, miss, name }: { hit: string; miss: string; name: string },
): BpfStep[] {
  if (numbers.length === 0) return [{ goto: miss }];
  const sorted = numbers.toSorted((a, b) => a - b);
  for (let slotBits = 0; ; slotBits++) {
    const steps = stepsOf(blocksOf(sorted, slotBits), at, slotBits, hit, miss, name);
    const count = steps.reduce((sum, step) => ("label" in step ? sum : sum + 1), 0);
    if (count <= stepsMax) return steps;
  }
}

function stepsOf(
  blocks: readonly Block[],
  at: number,
  slotBits: number,
  hit: string,
  miss: string,
  name: string,
): BpfStep[] {
  const tail = `${name} bit`;
  return [
    { load: 4, at },
    ...(slotBits > 0 ? [{ shiftRight: slotBits } as const] : []),
    { and: blockSlots - 1 },
    { copyToX: true },
    { load: 4, at },
    // What is below the first of them is none; the search below finds the last that begins at or before a number.
    { ifAtLeast: blocks[0]?.start ?? 0, matched: `${name} in` },
    { goto: miss },
    { label: `${name} in` },
    ...search(blocks, { hit, miss, tail, name }),
    { label: tail },
    { shiftRight: "x" },
    { and: 1 },
    { ifEqual: 1, otherwise: `${name} no` },
    { goto: hit },
    { label: `${name} no` },
    { goto: miss },
  ];
}

function blocksOf(sorted: readonly number[], slotBits: number): Block[] {
  const slot = 2 ** slotBits;
  const size = slot * blockSlots;
  const blocks: Block[] = [];
  let start = -1;
  let bits = 0;
  const close = () => {
    const last = blocks.at(-1);
    const isFull = bits >>> 0 === numbersEnd - 1;
    if (start < 0) return;
    if (last) last.isFollowed = last.end === start;
    if (isFull && last?.isFollowed && last.bits >>> 0 === numbersEnd - 1) {
      last.end = start + size;
      last.isFollowed = false;
    } else blocks.push({ start, end: start + size, bits, isFollowed: false });
  };
  for (const number of sorted) {
    const of = Math.floor(number / size) * size;
    if (of !== start) {
      close();
      start = of;
      bits = 0;
    }
    bits |= 1 << Math.floor((number - start) / slot);
  }
  close();
  return blocks;
}

interface Labels {
  hit: string;
  miss: string;
  tail: string;
  name: string;
}

/** Halves until so few blocks are left that every jump among them is short. */
function search(blocks: readonly Block[], labels: Labels): BpfStep[] {
  if (blocks.length <= leavesPerRun) {
    const { name, miss, hit } = labels;
    const near = { ...labels, miss: `${name} near miss`, hit: `${name} near hit` };
    return [
      ...leaves(blocks, near),
      { label: near.miss },
      { goto: miss },
      { label: near.hit },
      { goto: hit },
    ];
  }
  const middle = blocks.length >> 1;
  const { name } = labels;
  return [
    { ifAtLeast: blocks[middle]?.start ?? 0, otherwise: `${name}0` },
    { goto: `${name}1` },
    { label: `${name}0` },
    ...search(blocks.slice(0, middle), { ...labels, name: `${name}0` }),
    { label: `${name}1` },
    ...search(blocks.slice(middle), { ...labels, name: `${name}1` }),
  ];
}

function leaves(blocks: readonly Block[], labels: Labels): BpfStep[] {
  const [only] = blocks;
  if (only && blocks.length === 1) return leaf(only, labels);
  const middle = blocks.length >> 1;
  const right = `${labels.name} ${blocks[middle]?.start}`;
  return [
    { ifAtLeast: blocks[middle]?.start ?? 0, matched: right },
    ...leaves(blocks.slice(0, middle), labels),
    { label: right },
    ...leaves(blocks.slice(middle), labels),
  ];
}

function leaf({ end, bits, isFollowed }: Block, { hit, miss, tail }: Labels): BpfStep[] {
  const bound: BpfStep[] = isFollowed || end === numbersEnd ? [] : [{ ifAtLeast: end, matched: miss }];
  if (bits >>> 0 === numbersEnd - 1) return [...bound, { goto: hit }];
  return [...bound, { value: bits >>> 0 }, { goto: tail }];
}
