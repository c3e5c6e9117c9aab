/**
 * Just enough of ONNX's file format to write a model of a few nodes: Protocol Buffers by hand, with the field numbers of `onnx.proto`.
 *
 * @module
 */

/** Attributes by name: a whole number, whole numbers, or a float where it says so. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** One operation. */
export interface Node {
  /** "Gemm", "RandomUniform". */
  readonly op: string;
  /** Names of what it reads. */
  readonly inputs: readonly string[];
  /** Name of what it makes. */
  readonly output: string;
  /** Its settings. */
  readonly attributes: Attributes;
}

/** Shapes by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Wire types: a number of any length, a text or message with its length, 32 bits. */
const VARINT = 0, LENGTH = 2, BITS32 = 5;

const FLOAT = 1, ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_INTS = 7, IR_VERSION = 9, OPSET = 17;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(rest % 128 + 128);
  return [...bytes, rest];
}

const key = (field: number, wire: number): number[] => varint(field * 8 + wire);
const int = (field: number, value: number): number[] => [...key(field, VARINT), ...varint(value)];
const message = (field: number, bytes: readonly number[]): number[] => [
  ...key(field, LENGTH),
  ...varint(bytes.length),
  ...bytes,
];
const text = (field: number, value: string): number[] => message(field, [...new TextEncoder().encode(value)]);
const float = (field: number, value: number): number[] => [
  ...key(field, BITS32),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

function attribute([name, value]: [string, Attributes[string]]): number[] {
  const typed = typeof value === "number"
    ? [...int(3, value), ...int(20, ATTRIBUTE_INT)]
    : "float" in value
    ? [...float(2, value.float), ...int(20, ATTRIBUTE_FLOAT)]
    : [...value.flatMap((one) => int(8, one)), ...int(20, ATTRIBUTE_INTS)];
  return message(5, [...text(1, name), ...typed]);
}

function node({ op, inputs, output, attributes }: Node): number[] {
  return message(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, output),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(attribute),
  ]);
}

/** Names with their types: float32 of a shape. */
function values(field: number, shapes: Shapes): number[] {
  return Object.entries(shapes).flatMap(([name, shape]) => {
    const dimensions = shape.flatMap((n) => message(1, int(1, n)));
    const type = message(1, [...int(1, FLOAT), ...message(2, dimensions)]);
    return message(field, [...text(1, name), ...message(2, type)]);
  });
}

/**
 * A model as the bytes of its file.
 *
 * @param nodes Its operations, in order.
 * @param inputs Shapes of what it is given, by name.
 * @param outputs Shapes of what it returns, by name.
 */
export function onnxModel(nodes: readonly Node[], inputs: Shapes, outputs: Shapes): Uint8Array {
  const graph = [...nodes.flatMap(node), ...text(2, "graph"), ...values(11, inputs), ...values(12, outputs)];
  return Uint8Array.from([...int(1, IR_VERSION), ...message(7, graph), ...message(8, int(2, OPSET))]);
}
