/**
 * Adam and AdamW, as `torch.optim.Adam` and `torch.optim.AdamW`.
 *
 * D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1; I. Loshchilov, F. Hutter, "Decoupled
 * weight decay regularization", 2019. m ← β1 m + (1 - β1) g; v ← β2 v + (1 - β2) g²;
 * w ← w - lr / (1 - β1^t) · m / (sqrt(v) / sqrt(1 - β2^t) + ε).
 *
 * @module
 */
import { inLanes, type Kernel, type Lanes, reads, writes } from "./kernel.ts";
import { type Looking, update } from "./update.ts";

/** Numbers of each step in the schedule: lr / (1 - β1^t), and 1 / sqrt(1 - β2^t). */
export const ADAM_SCHEDULE = 2;

/**
 * One step.
 *
 * Buffers: `schedule` holds {@linkcode ADAM_SCHEDULE} numbers a step, made by the host in float64, since 1 - β2^t loses most of
 * its digits in float32; the step is `cursor[0]`. `first` and `second` are the moments m and v, zero at first.
 *
 * Parameters: `n` elements or fours; `beta1`, `beta2`, `rest1` = 1 - β1, `rest2` = 1 - β2, `eps`; `weight_decay` times w is added to the
 * gradient (Adam), `shrink` = lr · weight decay times w is taken from the weight (AdamW).
 *
 * @param lanes 4 for whole fours.
 * @param looking Whether it looks out for NaN and infinities as well: see `update`.
 */
export function adam<L extends boolean = false>(
  lanes: Lanes,
  looking: L = false as L,
): Kernel<
  "gradient" | "schedule" | "cursor" | "weight" | "first" | "second" | Looking<L>,
  | "n"
  | "beta1"
  | "beta2"
  | "rest1"
  | "rest2"
  | "eps"
  | "weight_decay"
  | "shrink"
  | (L extends true ? "slot" : never)
> {
  return update(
    {
      name: "adam",
      bindings: [
        inLanes(reads("gradient"), lanes),
        reads("schedule"),
        reads("cursor", "u32"),
        inLanes(writes("weight"), lanes),
        inLanes(writes("first"), lanes),
        inLanes(writes("second"), lanes),
      ],
      params: {
        beta1: "f32",
        beta2: "f32",
        rest1: "f32",
        rest2: "f32",
        eps: "f32",
        weight_decay: "f32",
        shrink: "f32",
      },
      statement: `
  let w = weight[i];
  let g = gradient[i] + p.weight_decay * w;
  let m = p.beta1 * first[i] + p.rest1 * g;
  let v = p.beta2 * second[i] + p.rest2 * g * g;
  first[i] = m;
  second[i] = v;
  let at = cursor[0] * ${ADAM_SCHEDULE}u;
  let next = w - p.shrink * w - schedule[at] * m / (sqrt(v) * schedule[at + 1u] + p.eps);
  weight[i] = next;`,
    },
    lanes,
    looking,
  );
}
