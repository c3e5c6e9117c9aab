/**
 * The gradient of a layer's bias and the optimiser's step in one kernel.
 *
 * @module
 */
import { image, IMAGE_AT } from "./image.ts";
import {
  type Binding,
  inLanes,
  type Kernel,
  type Lanes,
  lanesName,
  linearGrid,
  mainHead,
  type ParamType,
  reads,
  writes,
} from "./kernel.ts";
import { loopEnd, whileDo } from "./loop.ts";
import {
  isNotFinite,
  type Looking,
  type LookingAt,
  lookSource,
  magnitude,
  noteIfNotFinite,
} from "./non_finite.ts";
import { changedFunction, ruleBindings, type UpdateRule } from "./update.ts";

/** Invocations in a workgroup: there are few biases, and each is a long sum. */
const WORKGROUP = 8;

/** WGSL: a look at the gradient and at the bias that it makes, which is noted where the gradient is finite: what comes first counts. */
const lookText = (lanes: Lanes) => `
  let of_gradient = ${magnitude("sum", lanes)};
  let slot = select(p.slot, p.gradient_slot, ${isNotFinite("of_gradient", lanes)});
  ${noteIfNotFinite(`max(of_gradient, ${magnitude("next", lanes)})`, "slot", lanes)}`;

/**
 * `gradient[c] = Σ_r x[r, c]` over x of shape [rows, n], r = 0, 1, … in order, and `weight` (the bias) changed with it by a rule. The bits
 * are those of `columnSum` followed by `update`.
 *
 * Buffers: `x`, `gradient` and `weight` [n]; the rule's, and `cursor` and `seen` where it looks: see `update`. Parameters: `n` columns or
 * fours of them, `rows`, those of the rule, and where it looks `slot` and, for a gradient that is not finite, `gradient_slot`.
 *
 * @param rule How the bias changes.
 * @param fromImage Whether x is an image, of a whole number of texels a row; a buffer else.
 * @param looking Whether it looks out for NaN and infinities.
 * @returns The kernel.
 */
export function biasUpdate<B extends string, P extends string, L extends boolean>(
  rule: UpdateRule<B, P>,
  fromImage: boolean,
  looking: L,
): Kernel<
  "x" | "gradient" | "weight" | B | Looking<L>,
  "n" | "rows" | P | LookingAt<L> | (L extends true ? "gradient_slot" : never)
> {
  const lanes: Lanes = fromImage ? 4 : 1, element = fromImage ? "vec4<f32>" : "f32";
  const own: Binding[] = [
    fromImage ? image("x", "read") : reads("x"),
    inLanes(writes("gradient"), lanes),
    inLanes(writes("weight"), lanes),
    ...ruleBindings(rule, lanes),
  ];
  const look = lookSource(looking, lanes);
  const load = fromImage ? "textureLoad(x, image_at(r * p.n + i))" : "x[r * p.n + i]";
  return {
    name: `bias_${rule.name}${lanesName(lanes)}${look.name}`,
    bindings: [...own, ...look.bindings(own)] as Binding<
      "x" | "gradient" | "weight" | B | Looking<L>
    >[],
    params: {
      n: "u32",
      rows: "u32",
      ...rule.params,
      ...look.params,
      ...looking ? { gradient_slot: "u32" } : {},
    } as Record<
      "n" | "rows" | P | LookingAt<L> | (L extends true ? "gradient_slot" : never),
      ParamType
    >,
    body: `${fromImage ? IMAGE_AT : ""}
${changedFunction(rule, lanes)}

${mainHead(WORKGROUP, "block")}
  let i = block * ${WORKGROUP}u + lane;
  if (i >= p.n) { return; }
  var sum = ${element}();
  let rows = ${loopEnd("p.rows", "gradient")};
  var r = 0u;
${whileDo(`    sum += ${load};\n    r++;`, "r < rows")}
  gradient[i] = sum;
  let next = changed(i, weight[i], sum);
  weight[i] = next;
${looking ? lookText(lanes) : ""}
}`,
    workgroups: ({ n }) => linearGrid(Math.ceil(n / WORKGROUP)),
  };
}
