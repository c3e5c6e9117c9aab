/**
 * A multilayer perceptron: linear layers with an activation between them, named as PyTorch's `Sequential` names them.
 *
 * @module
 */
import {
  activation as activationKernel,
  ACTIVATION_NAMES,
  type ActivationName,
} from "../../kernels/activation.ts";
import { columnSum } from "../../kernels/reduce.ts";
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Look } from "../gpu/look.ts";
import { recordMatmul } from "../gpu/matmul.ts";
import type { Recorder } from "../gpu/recorder.ts";
import {
  type BiasUpdate,
  type ParameterUpdate,
  recordBiasUpdate,
  recordWeightUpdate,
} from "../gpu/update.ts";
import { chosenVariant, type ProductShape } from "../gpu/variant.ts";
import { fillTensors } from "../init/fill.ts";
import type { Initializer } from "../init/initializer.ts";
import type { Key } from "../random/key.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A trainable tensor with its name. */
export interface Parameter {
  /** As in PyTorch's `state_dict`: "0.weight", "0.bias", "2.weight". */
  readonly name: string;
  /** Its values. */
  readonly tensor: Tensor;
}

/** One linear layer. */
export interface LinearLayer {
  /** Its number in the `Sequential`, where every activation counts as well: "0", "2", "4". */
  readonly name: string;
  /** Number of inputs. */
  readonly inputs: number;
  /** Number of outputs (neurons). */
  readonly outputs: number;
  /** The activation that follows: none after the last layer. */
  readonly activation: ActivationName | undefined;
  /** [outputs, inputs]. */
  readonly weight: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
}

/** How the parameters of a layer change in one step. */
export interface LayerUpdate {
  /** Of its weight. */
  readonly weight: ParameterUpdate;
  /** Of its bias. */
  readonly bias: BiasUpdate;
}

/** Results of a forward pass over at most `rows` rows. Released by `using`. */
export class Activations implements Disposable {
  /** Most rows that fit. */
  readonly rows: number;
  /** The output of each layer, after its activation: [rows, outputs]. The last are the logits. */
  readonly outputs: readonly GpuBuffer<"f32">[];
  /** The output of each layer before its activation, where they are kept. */
  readonly preactivations?: readonly GpuBuffer<"f32">[];

  /**
   * Room for the results of a network.
   *
   * @param gpu Where.
   * @param network Whose layers.
   * @param rows Most rows in a pass, 0 or more.
   * @param keepPreactivations Whether the outputs before the activation are kept too: costs memory and a pass over each.
   */
  constructor(gpu: Gpu, network: Mlp, rows: number, keepPreactivations = false) {
    this.rows = rows;
    const make = (l: LinearLayer, what: string) => gpu.buffer(`${l.name}.${what}`, "f32", rows * l.outputs);
    const made = gpu.allOrNone(() => {
      const outputs = network.layers.map((l) => make(l, "output"));
      // Without an activation the two are the same numbers, and the same buffer.
      const before = network.layers.map((l, i) =>
        keepPreactivations && l.activation ? make(l, "preactivation") : outputs[i]
      );
      return { outputs, before };
    });
    this.outputs = made.outputs;
    if (keepPreactivations) this.preactivations = made.before;
  }

  /** The last layer's output. */
  get logits(): GpuBuffer<"f32"> {
    return this.outputs[this.outputs.length - 1];
  }

  /** Releases the buffers. */
  [Symbol.dispose](): void {
    for (const buffer of [...this.outputs, ...this.preactivations ?? []]) buffer[Symbol.dispose]();
  }
}

/** Gradients of a network's loss: of its parameters, and of each layer's output before its activation. Released by `using`. */
export class Gradients implements Disposable {
  /** Gradients of the parameters, in the order and with the names of {@linkcode Mlp.parameters}. */
  readonly parameters: readonly Parameter[];
  /** Gradient of the loss with respect to each layer's output before its activation: [rows, outputs]. */
  readonly outputs: readonly GpuBuffer<"f32">[];

  /**
   * Room for the gradients of a network.
   *
   * @param gpu Where.
   * @param network Whose.
   * @param rows Most rows in a pass.
   */
  constructor(gpu: Gpu, network: Mlp, rows: number) {
    const made = gpu.allOrNone(() => ({
      parameters: network.parameters.map(({ name, tensor }) => ({
        name,
        tensor: Tensor.make(gpu, `${name}.grad`, "f32", tensor.shape),
      })),
      outputs: network.layers.map((l) => gpu.buffer(`${l.name}.output.grad`, "f32", rows * l.outputs)),
    }));
    this.parameters = made.parameters;
    this.outputs = made.outputs;
  }

  /** Releases the buffers. */
  [Symbol.dispose](): void {
    for (const { tensor } of this.parameters) tensor[Symbol.dispose]();
    for (const buffer of this.outputs) buffer[Symbol.dispose]();
  }
}

/** A multilayer perceptron with an activation after every layer but the last. Released by `using`. */
export class Mlp implements Disposable {
  /** Widths from the inputs to the outputs: [784, 128, 64, 10]. */
  readonly widths: readonly number[];
  /** What follows every layer but the last. */
  readonly activation: ActivationName;
  /** The linear layers, from the input on. */
  readonly layers: readonly LinearLayer[];
  /** Weight and bias of each layer, in order. */
  readonly parameters: readonly Parameter[];
  readonly #gpu: Gpu;

  /**
   * A network of zeros; draw its parameters with {@linkcode Mlp.initialize}, or write them.
   *
   * @param gpu Where.
   * @param widths Two whole numbers or more, each 1 or more: inputs, hidden layers, outputs.
   * @param activation What follows every layer but the last; ReLU unless given.
   * @throws {ShapeError} when a width is not. {@linkcode ArgumentError} when there is no such activation. {@linkcode LimitError} when a
   *   parameter is larger than the device's largest buffer; nothing stays allocated then.
   */
  constructor(gpu: Gpu, widths: readonly number[], activation: ActivationName = "relu") {
    if (widths.length < 2 || widths.some((w) => !Number.isSafeInteger(w) || w < 1)) {
      throw new ShapeError(
        `layers ${widths.join(",")} are no network`,
        "give two widths or more, each a whole number from 1 on, such as 784,128,10",
      );
    }
    if (!ACTIVATION_NAMES.includes(activation)) {
      throw new ArgumentError(
        `unknown activation "${activation}"`,
        `use one of ${ACTIVATION_NAMES.join(", ")}`,
      );
    }
    this.#gpu = gpu;
    this.activation = activation;
    this.widths = [...widths];
    this.layers = gpu.allOrNone(() =>
      widths.slice(1).map((outputs, i) =>
        makeLayer(gpu, i, widths[i], outputs, i === widths.length - 2 ? undefined : activation)
      )
    );
    this.parameters = this.layers.flatMap(({ name, weight, bias }) => [
      { name: `${name}.weight`, tensor: weight },
      { name: `${name}.bias`, tensor: bias },
    ]);
  }

  /** Number of trainable numbers. */
  get size(): number {
    return this.parameters.reduce((sum, { tensor }) => sum + tensor.size, 0);
  }

  /**
   * Draws all parameters on the device, with one submit. Each comes from the stream of its own name.
   *
   * @param initializer What they are drawn from.
   * @param key The seed.
   */
  async initialize(initializer: Initializer, key: Key): Promise<void> {
    const jobs = this.layers.flatMap(({ name, weight, bias }, i) => {
      const place = { first: i === 0, last: i === this.layers.length - 1 };
      return [
        {
          tensor: weight,
          filling: initializer.weight(weight.shape, place),
          key: key.stream(`${name}.weight`),
        },
        { tensor: bias, filling: initializer.bias(weight.shape, place), key: key.stream(`${name}.bias`) },
      ];
    });
    await fillTensors(this.#gpu, jobs);
  }

  /**
   * Overwrites a parameter.
   *
   * @param name Its name: "0.weight".
   * @param data Its elements, row-major.
   * @throws {ArgumentError} when there is none of that name. {@linkcode ShapeError} when the number of elements is wrong.
   */
  write(name: string, data: Float32Array<ArrayBuffer>): void {
    const parameter = this.parameters.find((p) => p.name === name);
    if (parameter === undefined) {
      throw new ArgumentError(
        `there is no parameter "${name}"`,
        `use one of ${this.parameters.map((p) => p.name).join(", ")}`,
      );
    }
    parameter.tensor.write(data);
  }

  /**
   * Copies all parameters to the host, with one wait.
   *
   * @returns Name to elements, in order.
   */
  async read(): Promise<Map<string, Float32Array<ArrayBuffer>>> {
    const data = await this.#gpu.readAll(this.parameters.map((p) => p.tensor.buffer));
    return new Map(this.parameters.map((p, i) => [p.name, data[i]]));
  }

  /**
   * Records z = x·Wᵀ + b and h = f(z) through all layers.
   *
   * @param recorder Where the dispatches are appended.
   * @param x Inputs, [rows, widths[0]].
   * @param rows Rows in this pass.
   * @param into Where the results go.
   * @param looks Where NaN and infinities in each layer's output are noted, in the order of {@linkcode Mlp.layers}; in its output before
   *   the activation where that is kept. Nobody looks out without them.
   */
  recordForward(
    recorder: Recorder,
    x: GpuBuffer<"f32">,
    rows: number,
    into: Activations,
    looks?: readonly Look[],
  ): void {
    let a = x;
    const anyTerms = sharesKernel(this.layers.slice(0, -1).map(({ inputs }) => inputs));
    this.layers.forEach((layer, i) => {
      const { activation, inputs: k, outputs: n } = layer,
        out = into.outputs[i],
        z = into.preactivations?.[i];
      const operands = { a, b: layer.weight.buffer, bias: layer.bias.buffer }, sizes = { m: rows, n, k };
      // The products of a network are compiled together, and share their operands with those of the way back.
      const variant = chosenVariant(recorder.gpu, "nt", sizes, false);
      const options = { look: looks?.[i], variant, anyTerms };
      if (activation && z !== undefined) {
        recordMatmul(recorder, "nt", "bias", { ...operands, out: z }, sizes, options);
        recorder.dispatch(activationKernel(activation), { z, h: out }, { n: rows * n });
      } else {
        const epilogue = activation ? `bias_${activation}` as const : "bias";
        recordMatmul(recorder, "nt", epilogue, { ...operands, out }, sizes, options);
      }
      a = out;
    });
  }

  /**
   * Records the gradients of all parameters, from the gradient of the last layer's output, and the parameters' steps where they are given.
   *
   * @param recorder Where the dispatches are appended.
   * @param x Inputs of the forward pass.
   * @param rows Rows in this pass.
   * @param forward Results of the forward pass.
   * @param into Where the gradients go; its last `outputs` holds the gradient to begin with.
   * @param steps How the parameters of each layer change, in the order of {@linkcode Mlp.layers}; none changes without them.
   */
  recordBackward(
    recorder: Recorder,
    x: GpuBuffer<"f32">,
    rows: number,
    forward: Activations,
    into: Gradients,
    steps?: readonly LayerUpdate[],
  ): void {
    const anyTerms = sharesKernel(this.layers.slice(1).map(({ outputs }) => outputs));
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const { inputs, outputs, weight } = this.layers[i];
      const input = i === 0 ? x : forward.outputs[i - 1], dz = into.outputs[i];
      // The inputs' gradient first: it takes the weight as it was in the forward pass.
      if (i > 0) {
        const out = into.outputs[i - 1], epilogue = `${this.activation}_grad` as const;
        const sizes = { m: rows, n: inputs, k: outputs };
        // Packed, dz serves the product of the weight's gradient as well.
        const variant = chosenVariant(recorder.gpu, "nn", sizes, false);
        recordMatmul(recorder, "nn", epilogue, { a: dz, b: weight.buffer, h: input, out }, sizes, {
          variant,
          anyTerms,
        });
      }
      const operands = { a: dz, b: input }, sizes = { m: outputs, n: inputs, k: rows };
      if (steps !== undefined) {
        recordWeightUpdate(recorder, operands, steps[i].weight, sizes);
        recordBiasUpdate(recorder, dz, rows, steps[i].bias);
        continue;
      }
      const [dWeight, dBias] = [2 * i, 2 * i + 1].map((j) => into.parameters[j].tensor.buffer);
      recordMatmul(recorder, "tn", "none", { ...operands, out: dWeight }, sizes);
      recorder.dispatch(columnSum, { x: dz, out: dBias }, { n: outputs, rows });
    }
  }

  /**
   * The matrix products of a training step, for `tuneMatmul`.
   *
   * @param rows Rows in a batch.
   */
  products(rows: number): ProductShape[] {
    return this.layers.flatMap(({ inputs, outputs }, i): ProductShape[] => [
      { form: "nt", sizes: { m: rows, n: outputs, k: inputs } },
      ...i > 0 ? [{ form: "nn", sizes: { m: rows, n: inputs, k: outputs } } as const] : [],
      { form: "tn", sizes: { m: outputs, n: inputs, k: rows } },
    ]);
  }

  /** Releases the parameters. */
  [Symbol.dispose](): void {
    for (const { tensor } of this.parameters) tensor[Symbol.dispose]();
  }
}

/** Whether products of so many terms are to have one kernel: that for fours would be a second one, compiled for some of them. */
function sharesKernel(terms: readonly number[]): boolean {
  return terms.some((k) => k % 4 !== 0);
}

function makeLayer(
  gpu: Gpu,
  index: number,
  inputs: number,
  outputs: number,
  activation: ActivationName | undefined,
): LinearLayer {
  const name = `${2 * index}`;
  return {
    name,
    inputs,
    outputs,
    activation,
    weight: Tensor.make(gpu, `${name}.weight`, "f32", [outputs, inputs]),
    bias: Tensor.make(gpu, `${name}.bias`, "f32", [outputs]),
  };
}
