/**
 * Kernels that change parameters in place, and look out for NaN and infinities while the new numbers are at hand: a look of its own
 * would read every parameter once more.
 *
 * @module
 */
import {
  type Binding,
  cutByPieces,
  ELEMENTWISE_WORKGROUP,
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
import { type Looking, type LookingAt, lookSource } from "./non_finite.ts";

/** How a parameter changes with its gradient. `B` are the buffers of the rule beside those two, `P` its parameters. */
export interface UpdateRule<B extends string = string, P extends string = string> {
  /** The rule's name: "sgd_momentum". */
  readonly name: string;
  /** What it keeps beside each parameter, as large as that, and changes in place. */
  readonly state: readonly B[];
  /** What else it reads. */
  readonly reads: readonly Binding<B>[];
  /** Its parameters. */
  readonly params: Readonly<Record<P, ParamType>>;
  /** WGSL for the element or four at `i`: from its value `w` and its gradient `d` to `next`, which becomes of it. */
  readonly statement: string;
}

/**
 * The bindings of a rule, as kernels have them: what it reads, and its state as so many lanes.
 *
 * @param rule Any.
 * @param lanes Of the parameter.
 */
export function ruleBindings<B extends string>(rule: UpdateRule<B>, lanes: Lanes): Binding<B>[] {
  return [...rule.reads, ...rule.state.map((name) => inLanes(writes(name), lanes))];
}

/** Pieces an invocation, a workgroup's width apart: a look costs as much as a piece, and is one for all of them. */
const PIECES = 4;

/**
 * WGSL: `changed(i, w, d)`, what a rule makes of the element or four at `i`.
 *
 * @param rule Any.
 * @param lanes Of the parameter.
 */
export function changedFunction(rule: UpdateRule, lanes: Lanes): string {
  const element = lanes === 4 ? "vec4<f32>" : "f32";
  return `
fn changed(i: u32, w: ${element}, d: ${element}) -> ${element} {
${rule.statement}
  return next;
}`;
}

/**
 * A kernel of `n` elements or fours, changed in place.
 *
 * Looking, it has the buffers `cursor` and `seen` and the parameter `slot` as well, and looks at every new value as `LookSource` says.
 *
 * @param rule How they change.
 * @param lanes 4 for whole fours.
 * @param looking Whether it looks out for NaN and infinities.
 * @returns The kernel; parameters: `n` elements or fours, those of the rule, `slot`.
 */
export function update<B extends string, P extends string, L extends boolean>(
  rule: UpdateRule<B, P>,
  lanes: Lanes,
  looking: L,
): Kernel<"gradient" | "weight" | B | Looking<L>, "n" | P | LookingAt<L>> {
  const look = lookSource(looking, lanes);
  const size = ELEMENTWISE_WORKGROUP, element = lanes === 4 ? "vec4<f32>" : "f32";
  const pieces = Array.from({ length: PIECES }, (_, j) => {
    const piece = `piece(first + ${j * size}u)`;
    return `  ${looking ? look.at(piece) : `_ = ${piece};`}`;
  });
  const own: Binding[] = [
    inLanes(reads("gradient"), lanes),
    inLanes(writes("weight"), lanes),
    ...ruleBindings(rule, lanes),
  ];
  return {
    name: `${rule.name}${lanesName(lanes)}${look.name}`,
    bindings: [...own, ...look.bindings(own)] as Binding<
      "gradient" | "weight" | B | Looking<L>
    >[],
    params: { n: "u32", ...rule.params, ...look.params } as Record<
      "n" | P | LookingAt<L>,
      ParamType
    >,
    body: `
${changedFunction(rule, lanes)}
fn piece(i: u32) -> ${element} {
  if (i >= p.n) { return ${element}(); }
  let next = changed(i, weight[i], gradient[i]);
  weight[i] = next;
  return next;
}

${mainHead(size, "block")}
  let first = block * ${size * PIECES}u + lane;
  ${look.begin}
${pieces.join("\n")}
  ${look.end}
}`,
    workgroups: ({ n }) => linearGrid(Math.ceil(n / (size * PIECES))),
    cut: cutByPieces<string>(own, ["gradient", "weight", ...rule.state]),
  };
}
