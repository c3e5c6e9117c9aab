/**
 * What an initialiser is: a value that says for any shape what its elements are.
 *
 * @module
 */
import type { Distribution } from "../random/distribution.ts";
import type { Shape } from "../tensor/tensor.ts";
import type { Layout } from "./fans.ts";

/** Where a computed tensor's random numbers come from: its own stream of a key, or a sequential generator. */
export interface Source {
  /**
   * Numbers from the beginning of the stream.
   *
   * @param distribution What they are drawn from.
   * @param count How many.
   */
  numbers(distribution: Distribution, count: number): Float32Array;
  /**
   * A permutation of 0 to n - 1.
   *
   * @param n How many.
   * @param index Which permutation of this tensor: 0, 1, 2, … in order.
   */
  permutation(n: number, index: number): Uint32Array;
}

/** A tensor whose elements depend on one another, or on their place: computed on the host. */
export interface Computed {
  /** Tells it from a distribution. */
  readonly kind: "computed";
  /**
   * All elements, row-major.
   *
   * @param source Where random numbers come from.
   */
  make(source: Source): Float32Array<ArrayBuffer>;
}

/** What the elements of a tensor are: drawn one by one on the device, or computed together on the host. */
export type Filling = Distribution | Computed;

/** Where a weight stands. */
export interface Place {
  /** How the dimensions of its shape are ordered; PyTorch's unless given. */
  readonly layout?: Layout;
  /** Whether it is the network's first layer; no unless given. */
  readonly first?: boolean;
  /** Whether it is the network's last layer; no unless given. */
  readonly last?: boolean;
}

/** A number or a name that an initialiser was made with. */
export type OptionValue = number | string;

/** Says for any shape what its elements are. Plain data and pure functions: it draws nothing itself. */
export interface Initializer {
  /** The name of `torch.nn.init` without the trailing underscore, or of `jax.nn.initializers`: "kaiming_normal". */
  readonly name: string;
  /** What it was made with, defaults included. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /**
   * What the elements of a weight are.
   *
   * @param shape [out, in, ...kernel], or [...kernel, in, out] in JAX's layout.
   * @param place Where it stands.
   * @throws {ShapeError} when the initialiser does not apply to such a shape.
   */
  weight(shape: Shape, place?: Place): Filling;
  /**
   * What the elements of a bias are.
   *
   * @param weightShape The shape of the weight that it belongs to.
   * @param place Where that stands.
   */
  bias(weightShape: Shape, place?: Place): Filling;
  /** As it is typed on the command line, and parsed back by `initializerByName`: "normal:1". Equal initialisers, equal texts. */
  toString(): string;
  /** The same text. */
  toJSON(): string;
}

/** What {@linkcode define} makes an initialiser from. */
export interface Definition {
  /** Its name. */
  name: string;
  /** Its options with their values, in the order in which they may be typed. */
  options?: Readonly<Record<string, OptionValue>>;
  /** The options' defaults: what equals its default at the end need not be typed. */
  defaults?: Readonly<Record<string, OptionValue>>;
  /** What a weight's elements are. */
  weight: (shape: Shape, place: Place) => Filling;
  /** What a bias's elements are; 0 unless given. */
  bias?: (weightShape: Shape, place: Place) => Filling;
}

/** The constant 0: what a bias is, and a weight without inputs. */
export const ZERO: Distribution = { kind: "constant", value: 0 };

/**
 * Makes an initialiser.
 *
 * @param definition Name, options and what they mean.
 */
export function define(
  { name, options = {}, defaults = {}, weight, bias = () => ZERO }: Definition,
): Initializer {
  const entries = Object.entries(options);
  const typed = entries.findLastIndex(([key, value]) => !Object.is(value, defaults[key])) + 1;
  const values = entries.slice(0, typed).map(([, value]) => Object.is(value, -0) ? "-0" : value).join(",");
  const text = values === "" ? name : `${name}:${values}`;
  return {
    name,
    options,
    weight: (shape, place = {}) => weight(shape, place),
    bias: (shape, place = {}) => bias(shape, place),
    toString: () => text,
    toJSON: () => text,
  };
}
