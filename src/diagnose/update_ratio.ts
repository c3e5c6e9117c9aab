/**
 * The ratio of an update to the weights: how far a step moves a parameter, measured on the device from the parameter before the step and
 * after it, whatever optimiser made it.
 *
 * The ratio is |w_after - w_before| / |w_before| with L2 norms, as in CS231n's notes (A. Karpathy, "Neural Networks Part 3", "Ratio of
 * weights:updates"), where about 1e-3 is called healthy. His later lectures take the standard deviations instead: the same for weights
 * and updates of mean 0.
 *
 * @module
 */
import {
  type Change,
  CHANGE_GROUP,
  CHANGE_WORDS,
  changeGroups,
  changeOf,
  changeSums,
  copy,
} from "../../kernels/change.ts";
import { lanesFor } from "../../kernels/kernel.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import type { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { partOf, partsOf } from "../gpu/parts.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { Parameter } from "../nn/mlp.ts";

/** A parameter before a step and after it, and where in an entry of a log the sums of its change begin. */
export interface Moved {
  /** The parameter's name: "0.weight". */
  readonly name: string;
  /** What it was. */
  readonly before: GpuBuffer<"f32">;
  /** What it is. */
  readonly after: GpuBuffer<"f32">;
  /** The first word of its change in an entry. */
  readonly at: number;
  /** Words of its change. */
  readonly words: number;
}

/** Where the changes of all parameters are logged. */
interface Log {
  readonly cursor: GpuBuffer<"u32">;
  readonly words: GpuBuffer<"u32">;
  readonly stride: number;
}

/**
 * Room for a copy of every parameter.
 *
 * @param gpu Where.
 * @param parameters Which.
 * @param stack What releases the copies.
 * @param isCopyAfter Whether the copy is what a step changes, and the parameter what was before; the other way round unless given.
 */
export function besideParameters(
  gpu: Gpu,
  parameters: readonly Parameter[],
  stack: DisposableStack,
  isCopyAfter = false,
): Moved[] {
  let at = 0;
  return parameters.map(({ name, tensor: { buffer } }) => {
    const other = stack.use(gpu.buffer(`${name} beside`, "f32", buffer.length));
    const words = CHANGE_WORDS * changeGroups(buffer.length / lanesFor(buffer.length)), begin = at;
    at += words;
    const [before, after] = isCopyAfter ? [buffer, other] : [other, buffer];
    return { name, before, after, at: begin, words };
  });
}

/** Words of an entry with all changes. */
export function wordsOf(moved: readonly Moved[]): number {
  return moved.reduce((sum, { words }) => sum + words, 0);
}

/** Records a copy of a buffer. */
export function recordCopy(r: Recorder, x: GpuBuffer<"f32">, out: GpuBuffer<"f32">): void {
  const lanes = lanesFor(x.length);
  r.dispatch(copy(lanes), { x, out }, { n: x.length / lanes });
}

/** Records the comparison of every parameter with what it was. */
export function recordChanges(
  r: Recorder,
  moved: readonly Moved[],
  { cursor, words: log, stride }: Log,
): void {
  for (const { before, after, at } of moved) {
    const lanes = lanesFor(before.length), n = before.length / lanes, { bindingBytes } = r.gpu;
    const record = (of: Pick<Moved, "before" | "after">, n: number, at: number) =>
      r.dispatch(changeSums(lanes), { ...of, cursor, log }, { n, stride, at });
    if (before.byteLength <= bindingBytes) {
      record({ before, after }, n, at);
      continue;
    }
    // Whole groups, so that every sum has the same terms.
    const elements = CHANGE_GROUP * lanes;
    for (const { first, count } of partsOf(changeGroups(n), [elements], bindingBytes, before.label)) {
      const part = {
        first: first * elements,
        count: Math.min(count * elements, before.length - first * elements),
      };
      const of = { before: partOf(before, part, 1), after: partOf(after, part, 1) };
      record(of, part.count / lanes, at + CHANGE_WORDS * first);
    }
  }
}

/** A parameter's change, from an entry of the log. */
export function changeIn(entry: Uint32Array<ArrayBuffer>, { at, words }: Moved): Change {
  return changeOf(entry.slice(at, at + words));
}

/** |change| / |before|; `null` for a parameter of zeros, and where something is not finite. */
export function updateRatio({ change, size }: Change): number | null {
  const ratio = change / size;
  return Number.isFinite(ratio) ? ratio : null;
}
