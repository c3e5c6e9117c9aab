/**
 * Weights that have their structure from their place: identities, zeros in columns, mirrored blocks, Hadamard matrices. Computed on
 * the host.
 *
 * @module
 */
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import { type Shape, sizeOf } from "../tensor/tensor.ts";
import { type Computed, define, type Filling, type Initializer, type Place } from "./initializer.ts";
import { orthogonalFilling } from "./orthogonal.ts";

/** Ones on the diagonal, zeros elsewhere, biases 0; matrices only: `torch.nn.init.eye_`. */
export function eye(): Initializer {
  return define({ name: "eye", weight: (shape) => diagonal(matrix("eye", shape), 1) });
}

/**
 * `gain` times the identity, biases 0; square matrices only: Keras's `Identity`. Q. V. Le, N. Jaitly, G. E. Hinton, "A simple way to
 * initialize recurrent networks of rectified linear units", 2015.
 *
 * @param gain Factor; 1 unless given.
 * @throws {ArgumentError} when the gain is not finite.
 */
export function identity(gain = 1): Initializer {
  if (!Number.isFinite(gain)) throw new ArgumentError(`gain ${gain}`, "give a finite number");
  const weight = (shape: Shape) => {
    const [rows, columns] = matrix("identity", shape);
    if (rows !== columns) {
      throw new ShapeError(`shape [${shape}] is not square`, "use eye for other matrices");
    }
    return diagonal([rows, columns], gain);
  };
  return define({ name: "identity", options: { gain }, defaults: { gain: 1 }, weight });
}

/**
 * Convolutions that hand their inputs on: channel d of each group has a 1 at the kernel's centre for input d; biases 0:
 * `torch.nn.init.dirac_`. Ranks 3 to 5.
 *
 * @param groups Groups of output channels, each an identity of its own; 1 unless given.
 * @throws {ArgumentError} when the number of groups is no whole number from 1 on.
 */
export function dirac(groups = 1): Initializer {
  if (!Number.isSafeInteger(groups) || groups < 1) {
    throw new ArgumentError(`${groups} groups`, "give a whole number from 1 on");
  }
  return define({
    name: "dirac",
    options: { groups },
    defaults: { groups: 1 },
    weight: (shape, place) => diracFilling(shape, groups, place),
  });
}

/**
 * Matrices from N(0, std²) with the same number of zeros, ceil(sparsity · rows), in every column; biases 0: `torch.nn.init.sparse_`.
 *
 * J. Martens, "Deep learning via Hessian-free optimization", 2010, section 5.
 *
 * @param sparsity Part of each column that is 0, from 0 to 1.
 * @param std Standard deviation of the rest; 0.01 unless given.
 * @throws {ArgumentError} when one is out of range.
 */
export function sparse(sparsity: number, std = 0.01): Initializer {
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new ArgumentError(`sparsity ${sparsity}`, "give a number from 0 to 1");
  }
  if (!(std >= 0 && Number.isFinite(std))) throw new ArgumentError(`std ${std}`, "give a number from 0 on");
  return define({
    name: "sparse",
    options: { sparsity, std },
    defaults: { std: 0.01 },
    weight: (shape) => sparseFilling(matrix("sparse", shape), sparsity, std),
  });
}

/**
 * No randomness at all: identities where a layer keeps or lowers the width, a scaled Hadamard matrix between identities where it
 * raises it; biases 0.
 *
 * J. Zhao, F. Schäfer, A. Anandkumar, "ZerO initialization: initializing neural networks with only zeros and ones", 2022, algorithm 1:
 * W = I* for out <= in, else W = c I* H_m I* with m = ceil(log2(out)), c = 2^(-(m - 1) / 2). For convolutions at the kernel's centre.
 */
export function zerO(): Initializer {
  return define({ name: "zero_hadamard", weight: zerOFilling });
}

/**
 * Mirrored blocks, which make a ReLU network begin as a linear one: [[W, -W], [-W, W]] with W orthogonal, [W; -W] in the first layer
 * and [W, -W] in the last; biases 0.
 *
 * D. Balduzzi et al., "The shattered gradients problem: if resnets are the answer, then what is the question?", 2017, section 4.
 * Widths between layers must be even.
 */
export function looksLinear(): Initializer {
  return define({ name: "looks_linear", weight: mirroredFilling });
}

function matrix(name: string, shape: Shape): [rows: number, columns: number] {
  if (shape.length !== 2) {
    throw new ShapeError(`shape [${shape}] is no matrix`, `${name} takes two dimensions`);
  }
  return [shape[0], shape[1]];
}

function computed(size: number, set: (values: Float32Array) => void): Computed {
  return {
    kind: "computed",
    make: () => {
      const values = new Float32Array(size);
      set(values);
      return values;
    },
  };
}

function diagonal([rows, columns]: [number, number], value: number): Computed {
  return computed(rows * columns, (values) => {
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = value;
  });
}

/** Where element (output o, input i) at the kernel's centre lies, and how many outputs and inputs there are. */
function centred(
  shape: Shape,
  { layout }: Place,
): { outputs: number; inputs: number; at: (o: number, i: number) => number } {
  const rank = shape.length, jax = layout === "jax";
  const [outputs, inputs] = jax ? [shape[rank - 1], shape[rank - 2]] : [shape[0], shape[1]];
  const kernel = jax ? shape.slice(0, rank - 2) : shape.slice(2);
  const centre = kernel.reduce((at, size) => at * size + Math.floor(size / 2), 0), field = sizeOf(kernel);
  const at = (o: number, i: number) =>
    jax ? (centre * inputs + i) * outputs + o : (o * inputs + i) * field + centre;
  return { outputs, inputs, at };
}

function diracFilling(shape: Shape, groups: number, place: Place): Computed {
  if (shape.length < 3 || shape.length > 5) {
    throw new ShapeError(`shape [${shape}] is no convolution`, "dirac takes three to five dimensions");
  }
  const { outputs, inputs, at } = centred(shape, place), perGroup = outputs / groups;
  if (!Number.isInteger(perGroup)) {
    throw new ShapeError(`${outputs} outputs do not divide into ${groups} groups`, "give a divisor");
  }
  return computed(sizeOf(shape), (values) => {
    for (let group = 0; group < groups; group++) {
      for (let d = 0; d < Math.min(perGroup, inputs); d++) values[at(group * perGroup + d, d)] = 1;
    }
  });
}

function sparseFilling([rows, columns]: [number, number], sparsity: number, std: number): Computed {
  const zeros = Math.ceil(sparsity * rows);
  return {
    kind: "computed",
    make: (source) => {
      const values = Float32Array.from(source.numbers({ kind: "normal", mean: 0, std }, rows * columns));
      for (let c = 0; c < columns; c++) {
        for (const r of source.permutation(rows, c).subarray(0, zeros)) values[r * columns + c] = 0;
      }
      return values;
    },
  };
}

function zerOFilling(shape: Shape, place: Place): Filling {
  if (shape.length < 2) {
    throw new ShapeError(`shape [${shape}] is no matrix`, "zero_hadamard takes two dimensions or more");
  }
  const { outputs, inputs, at } = centred(shape, place);
  return computed(sizeOf(shape), (values) => {
    if (outputs <= inputs) {
      for (let i = 0; i < outputs; i++) values[at(i, i)] = 1;
      return;
    }
    const m = Math.ceil(Math.log2(outputs)), c = 2 ** (-(m - 1) / 2);
    for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) values[at(o, i)] = c * hadamard(o, i);
  });
}

/** Sylvester's Hadamard matrix: -1 to the number of bits that row and column share. */
function hadamard(row: number, column: number): number {
  let shared = row & column, sign = 1;
  for (; shared !== 0; shared &= shared - 1) sign = -sign;
  return sign;
}

function mirroredFilling(shape: Shape, { first = false, last = false, layout }: Place): Filling {
  if (layout === "jax") throw new ShapeError("looks_linear in JAX's layout", "give [out, in]");
  const [rows, columns] = matrix("looks_linear", shape);
  // A block has half the rows unless the outputs are the network's, and half the columns unless the inputs are.
  const blockRows = last ? rows : rows / 2, blockColumns = first ? columns : columns / 2;
  if (!Number.isInteger(blockRows) || !Number.isInteger(blockColumns)) {
    throw new ShapeError(
      `shape [${shape}] does not divide into mirrored halves`,
      "give even widths between layers",
    );
  }
  const block = orthogonalFilling([blockRows, blockColumns], 1);
  return {
    kind: "computed",
    make: (source) => {
      const w = block.make(source), values = new Float32Array(rows * columns);
      values.forEach((_, i) => {
        const row = Math.floor(i / columns), column = i % columns;
        const sign = (row < blockRows) === (column < blockColumns) ? 1 : -1;
        values[i] = sign * w[(row % blockRows) * blockColumns + column % blockColumns];
      });
      return values;
    },
  };
}
