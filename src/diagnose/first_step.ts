/**
 * What an optimiser's first step would do to a network, tried on a copy of its parameters.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { recordUpdate } from "../gpu/update.ts";
import type { Gradients, Mlp } from "../nn/mlp.ts";
import type { Optimizer } from "../train/optimizer.ts";
import {
  besideParameters,
  changeIn,
  recordChanges,
  recordCopy,
  updateRatio,
  wordsOf,
} from "./update_ratio.ts";

/**
 * The ratios |w_after - w_before| / |w_before| of a first step, L2 norms, with the optimiser's state zero as training begins. The network
 * stays as it is.
 *
 * @param gpu Where.
 * @param network With its present parameters.
 * @param gradients Of the loss of a batch, on the device.
 * @param optimizer What makes the step.
 * @returns One a parameter, in order; `null` for a parameter of zeros, and where something is not finite.
 */
export async function firstStepRatios(
  gpu: Gpu,
  network: Mlp,
  gradients: Gradients,
  optimizer: Optimizer,
): Promise<(number | null)[]> {
  using stack = new DisposableStack();
  const moved = besideParameters(gpu, network.parameters, stack, true), stride = wordsOf(moved);
  const cursor = stack.use(gpu.buffer("step", "u32", 2)),
    words = stack.use(gpu.buffer("changes", "u32", stride));
  const { rule, params } = optimizer, scheduled = Float32Array.from(optimizer.scheduled(1));
  const schedule = stack.use(gpu.buffer("schedule", "f32", scheduled.length, scheduled));
  const program = stack.use(
    await gpu.record("first step", (r) => {
      moved.forEach(({ name, before, after }, i) => {
        recordCopy(r, before, after);
        const state = rule.state.map((
          s,
        ) => [s, stack.use(gpu.buffer(`${s} of ${name}`, "f32", before.length))]);
        const gradient = gradients.parameters[i].tensor.buffer;
        const buffers = { cursor, schedule, ...Object.fromEntries(state) };
        recordUpdate(r, { rule, params, weight: after, gradient, buffers });
      });
      recordChanges(r, moved, { cursor, words, stride });
    }),
  );
  program.submit();
  const entry = await gpu.read(words);
  return moved.map((one) => updateRatio(changeIn(entry, one)));
}
