/**
 * Activations forward and backward: as WGSL functions that the matmuls append to their results, and as kernels of their own.
 *
 * The gradient is taken from the output h, as PyTorch does, so that z need not be kept: ReLU lets it pass where h is above 0
 * (at z = 0 the subgradient is 0), the leaky one too and 0.01 of it elsewhere, tanh gives 1 - h², the sigmoid h (1 - h).
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/** The name of an activation, as PyTorch spells it. */
export type ActivationName = "relu" | "leaky_relu" | "tanh" | "sigmoid";

/** An activation with its WGSL. */
interface ActivationSource {
  /** Functions that the two expressions call. */
  readonly functions: string;
  /** The output, from `z`. */
  readonly forward: string;
  /** The gradient with respect to z, from the output `h` and the gradient `g` with respect to it. */
  readonly backward: string;
}

/** Slope of the leaky ReLU's negative side: PyTorch's default. */
export const LEAKY_SLOPE = 0.01;

/** WGSL: NaN by its bits, since `max(NaN, 0)` is 0 and `z != z` may be folded away. */
const IS_NAN = `
fn is_nan(z: f32) -> bool { return (bitcast<u32>(z) & 0x7fffffffu) > 0x7f800000u; }`;

const SOURCES: Readonly<Record<ActivationName, ActivationSource>> = {
  relu: {
    functions: IS_NAN,
    forward: "select(0.0, z, z > 0.0 || is_nan(z))", // a NaN stays a NaN, as in PyTorch
    backward: "select(0.0, g, h > 0.0)",
  },
  leaky_relu: {
    functions: "",
    forward: `select(${LEAKY_SLOPE} * z, z, z > 0.0)`,
    backward: `select(${LEAKY_SLOPE} * g, g, h > 0.0)`,
  },
  tanh: {
    functions: `
fn tanh_of(z: f32) -> f32 {
  // Near 0 the difference below would lose the digits of z, and a weak signal with them: Taylor's series there.
  let s = z * z;
  if (s < 0.0625) {
    return z + z * s * (-0.33333334 + s * (0.13333334 + s * (-0.053968254 + s * 0.021869488)));
  }
  // exp of a number that is not positive cannot overflow, as WGSL's own tanh may.
  let e = exp(-2.0 * abs(z));
  return sign(z) * (1.0 - e) / (1.0 + e);
}`,
    forward: "tanh_of(z)",
    backward: "g * (1.0 - h * h)",
  },
  sigmoid: {
    functions: `
fn sigmoid_of(z: f32) -> f32 {
  let e = exp(-abs(z));
  return select(e, 1.0, z >= 0.0) / (1.0 + e);
}`,
    forward: "sigmoid_of(z)",
    backward: "g * h * (1.0 - h)",
  },
};

/** The names of the activations. */
export const ACTIVATION_NAMES = Object.keys(SOURCES) as readonly ActivationName[];

/**
 * WGSL: `activate(z)` and, where asked for, `activation_grad(g, h)`.
 *
 * @param name Which activation.
 */
export function activationFunctions(name: ActivationName): string {
  const { functions, forward, backward } = SOURCES[name];
  return `${functions}
fn activate(z: f32) -> f32 { return ${forward}; }
fn activation_grad(g: f32, h: f32) -> f32 { return ${backward}; }
`;
}

/**
 * `h[i] = f(z[i])`. Parameters: `n` elements.
 *
 * @param name Which activation.
 */
export function activation(name: ActivationName): Kernel<"z" | "h", "n"> {
  return elementwise({
    name,
    bindings: [reads("z"), writes("h")],
    each: ["z", "h"],
    functions: activationFunctions(name),
    statement: "  h[i] = activate(z[i]);",
  });
}

/**
 * `h[r, c] = f(z[r, c] + bias[c])`, in place over z of shape [rows, columns]. Parameters: `n` = rows * columns, `columns`.
 *
 * @param name Which activation.
 */
export function biasActivation(name: ActivationName): Kernel<"bias" | "z", "n" | "columns"> {
  return elementwise({
    name: `bias_${name}`,
    bindings: [reads("bias"), writes("z")],
    params: { columns: "u32" },
    functions: activationFunctions(name),
    statement: "  z[i] = activate(z[i] + bias[i % p.columns]);",
  });
}

/**
 * The gradient with respect to z, in place over the gradient g with respect to h. Parameters: `n` elements.
 *
 * @param name Which activation.
 */
export function activationBackward(name: ActivationName): Kernel<"h" | "g", "n"> {
  return elementwise({
    name: `${name}_backward`,
    bindings: [reads("h"), writes("g")],
    each: ["h", "g"],
    functions: activationFunctions(name),
    statement: "  g[i] = activation_grad(g[i], h[i]);",
  });
}
