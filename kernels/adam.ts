/**
 * Adam and AdamW, as `torch.optim.Adam` and `torch.optim.AdamW`.
 *
 * D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1; I. Loshchilov, F. Hutter, "Decoupled
 * weight decay regularization", 2019. m ← β1 m + (1 - β1) g; v ← β2 v + (1 - β2) g²;
 * w ← w - lr / (1 - β1^t) · m / (sqrt(v) / sqrt(1 - β2^t) + ε).
 *
 * @module
 */
import { type Kernel, type Lanes, reads } from "./kernel.ts";
import type { Looking, LookingAt } from "./non_finite.ts";
import { update, type UpdateRule } from "./update.ts";

/** Numbers of each step in the schedule: lr / (1 - β1^t), and 1 / sqrt(1 - β2^t). */
export const ADAM_SCHEDULE = 2;

/** Names of Adam's parameters. */
export type AdamParam = "beta1" | "beta2" | "rest1" | "rest2" | "eps" | "weight_decay" | "shrink";

/**
 * One step.
 *
 * Buffers: `schedule` holds {@linkcode ADAM_SCHEDULE} numbers a step, made by the host in float64, since 1 - β2^t loses most of
 * its digits in float32; the step is `cursor[0]`. `first` and `second` are the moments m and v, zero at first.
 *
 * Parameters: `beta1`, `beta2`, `rest1` = 1 - β1, `rest2` = 1 - β2, `eps`; `weight_decay` times w is added to the gradient (Adam),
 * `shrink` = lr · weight decay times w is taken from the weight (AdamW).
 */
export const adamRule: UpdateRule<"schedule" | "cursor" | "first" | "second", AdamParam> = {
  name: "adam",
  state: ["first", "second"],
  reads: [reads("schedule"), reads("cursor", "u32")],
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
  let g = d + p.weight_decay * w;
  let m = p.beta1 * first[i] + p.rest1 * g;
  let v = p.beta2 * second[i] + p.rest2 * g * g;
  first[i] = m;
  second[i] = v;
  let at = cursor[0] * ${ADAM_SCHEDULE}u;
  let next = w - p.shrink * w - schedule[at] * m / (sqrt(v) * schedule[at + 1u] + p.eps);`,
};

/**
 * One step by {@linkcode adamRule}.
 *
 * @param lanes 4 for whole fours.
 * @param looking Whether it looks out for NaN and infinities as well: see `update`.
 * @returns The kernel; parameters: `n` elements or fours, and those of the rule.
 */
export function adam<L extends boolean = false>(
  lanes: Lanes,
  looking: L = false as L,
): Kernel<
  "gradient" | "schedule" | "cursor" | "weight" | "first" | "second" | Looking<L>,
  "n" | AdamParam | LookingAt<L>
> {
  return update(adamRule, lanes, looking);
}
