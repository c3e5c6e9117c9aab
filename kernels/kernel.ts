/**
 * What a kernel is: a piece of data. Its WGSL text, what it binds, its parameters, and how many workgroups a dispatch needs.
 * Nothing here touches a GPU; `src/gpu` turns a kernel into a pipeline and a dispatch.
 *
 * @module
 */

/** The element type of a storage buffer. */
export type ElementType = "f32" | "u32" | "i32";

/** The type of a parameter. */
export type ParamType = "f32" | "u32" | "i32";

/** How many neighbouring elements an invocation takes at once. */
export type Lanes = 1 | 4;

/** A buffer that a kernel reads or writes. */
export interface Binding<B extends string = string> {
  /** The variable's name in the WGSL text, and the key under which a dispatch passes the buffer. */
  readonly name: B;
  /** Type of its elements. */
  readonly type: ElementType;
  /** `read` for an operand, `read_write` for a result. */
  readonly access: "read" | "read_write";
  /** 4 where the kernel sees the buffer as an `array<vec4>`: whole fours alone, at a fraction of the stores. */
  readonly lanes?: Lanes;
  /** Whether invocations change the same elements: an `array<atomic>`, of type u32 or i32. */
  readonly atomic?: true;
  /** Whether it is no buffer but a packed copy in an image: see `image.ts`. Its type is f32. */
  readonly image?: true;
  /**
   * How many fours of elements are bound as a uniform `array<vec4>`, as {@linkcode uniformFours} says: an operand, and a small one. Mesa's
   * software driver loads from it once for all lanes where they want the same, and without a loop over them where they do not.
   */
  readonly uniform?: number;
}

/**
 * Where lookup tables lie: uniform `array<vec4<u32>>`, which costs less to load from than storage does, or one-dimensional storage
 * images, which Mesa's software driver reads faster still.
 */
export type TableStore = "uniform" | "image";

/** Numbers of workgroups in x, y and z. */
export type Grid = readonly [x: number, y: number, z: number];

/**
 * How a dispatch is cut into several, each on a range of its buffers, where one of them is larger than the device binds at once. Only what
 * gives the same bits cut is cut: units that know nothing of one another.
 */
export interface Cut<B extends string = string, P extends string = string> {
  /** The parameter that counts the units: elements, fours of them, rows. */
  readonly along: P;
  /** Elements that one unit has in each buffer that is cut; the others are bound whole. */
  readonly units: (params: Readonly<Record<P, number>>) => Partial<Readonly<Record<B, number>>>;
}

/** A compute kernel as data. `B` are the names of its buffers, `P` the names of its parameters. */
export interface Kernel<B extends string = string, P extends string = string> {
  /** Name with its variant, as errors and profiles show it: "matmul_nt_bias_relu_8x8". */
  readonly name: string;
  /** Storage buffers, in binding order. */
  readonly bindings: readonly Binding<B>[];
  /** Parameters with their types, in the order of the uniform struct. Reachable in WGSL as `p.name`. */
  readonly params: Readonly<Record<P, ParamType>>;
  /**
   * Lookup tables that travel with the kernel, at most 64 KiB each, in rows of four words: `NAME_row(i)` reads one. Bound after the
   * bindings; uploaded once a device.
   */
  readonly tables?: Readonly<Record<string, Uint32Array>>;
  /** Where its tables lie; uniform buffers unless given. */
  readonly tableStore?: TableStore;
  /** WGSL functions, `main` among them, without the declarations of bindings and parameters. */
  readonly body: string;
  /** Workgroups that a dispatch with these parameters needs; a 0 means that there is nothing to do. */
  readonly workgroups: (params: Readonly<Record<P, number>>) => Grid;
  /** How it is cut; without it, buffers that are larger than the device binds are refused. */
  readonly cut?: Cut<B, P>;
}

/** WebGPU's default limit of workgroups in one dimension of a dispatch: every implementation grants it. */
export const MAX_WORKGROUPS = 65535;

/** Fours of elements in the largest uniform binding that every implementation grants, 64 KiB. */
const MOST_UNIFORM = 4096;

/** Invocations in a workgroup of the elementwise kernels. 256 is the largest that every implementation grants. */
export const ELEMENTWISE_WORKGROUP = 256;

/**
 * The whole WGSL text of a kernel: uniform struct, bindings, body.
 *
 * @param kernel Any kernel.
 * @returns Text for `createShaderModule`.
 */
export function wgsl(kernel: Kernel): string {
  const fields = Object.entries(kernel.params).map(([name, type]) => `  ${name}: ${type},`);
  const tables = Object.entries(kernel.tables ?? {});
  const lines = kernel.bindings.map((b, i) => `@group(0) @binding(${i}) ${declaration(b)};`);
  tables.forEach(([name, words], i) =>
    lines.push(
      `@group(0) @binding(${kernel.bindings.length + i}) ${tableText(name, words, kernel.tableStore)}`,
    )
  );
  if (fields.length > 0) {
    lines.unshift("struct Params {", ...fields, "}");
    lines.push(
      `@group(0) @binding(${kernel.bindings.length + tables.length}) var<uniform> p: Params;`,
    );
  }
  return `${lines.join("\n")}\n\n${kernel.body.trim()}\n`;
}

function elementText({ type, lanes, atomic }: Binding): string {
  if (atomic) return `atomic<${type}>`;
  return lanes === 4 ? `vec4<${type}>` : type;
}

function declaration(binding: Binding): string {
  const { name, type, access, image, uniform } = binding;
  if (image) return `var ${name}: texture_storage_2d<rgba32float, ${access === "read" ? "read" : "write"}>`;
  if (uniform !== undefined) return `var<uniform> ${name}: array<vec4<${type}>, ${uniform}>`;
  return `var<storage, ${access}> ${name}: array<${elementText(binding)}>`;
}

/** A table's variable, and the function that reads a row of it. */
function tableText(name: string, words: Uint32Array, store: TableStore = "uniform"): string {
  const [variable, load] = store === "image"
    ? [`var ${name}: texture_storage_1d<rgba32uint, read>`, `textureLoad(${name}, i)`]
    : [`var<uniform> ${name}: array<vec4<u32>, ${words.length / 4}>`, `${name}[i]`];
  return `${variable};\nfn ${name}_row(i: u32) -> vec4<u32> { return ${load}; }`;
}

/**
 * A grid for `count` workgroups in a row, folded into two dimensions where one is too short.
 *
 * @param count Number of workgroups, 0 or more.
 * @returns A grid of at least `count` workgroups; the surplus ones find their index out of range.
 */
export function linearGrid(count: number): Grid {
  const rows = Math.max(1, Math.ceil(count / MAX_WORKGROUPS));
  return [Math.ceil(count / rows), rows, 1];
}

/**
 * WGSL: the head of `main` where {@linkcode linearGrid} says how many workgroups there are, up to the number of this one. Those that the
 * fold adds have numbers past the last.
 *
 * @param size Invocations of a workgroup.
 * @param number What the workgroup's number is called: what a workgroup does one of.
 * @param lane What the invocation's number in its workgroup is called.
 */
export function mainHead(size: number, number: string, lane = "lane"): string {
  return `@compute @workgroup_size(${size})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) ${lane}: u32,
) {
  let ${number} = group.y * groups.x + group.x;`;
}

/** What {@linkcode elementwise} builds a kernel from. */
export interface ElementwiseSpec<B extends string, P extends string> {
  /** The kernel's name. */
  name: string;
  /** Its buffers. */
  bindings: readonly Binding<B>[];
  /** Its parameters beside `n`, the number of invocations that have work. */
  params?: Readonly<Record<P, ParamType>>;
  /** Tables that travel with it. */
  tables?: Readonly<Record<string, Uint32Array>>;
  /** Where they lie. */
  tableStore?: TableStore;
  /** The buffers of which index `i` has element or four `i` to itself: by these the kernel is cut where they are too large to bind. */
  each?: readonly B[];
  /** WGSL functions that `statement` calls. */
  functions?: string;
  /** What one invocation does; `i` is its index, below `p.n`. */
  statement: string;
  /** Invocations in a workgroup. */
  workgroupSize?: number;
}

/**
 * A kernel of `n` independent invocations, one for each index `i` below the parameter `n`.
 *
 * @param spec Name, buffers, parameters and the statement for one index.
 * @returns The kernel; its parameters are `n` and those of the specification.
 */
export function elementwise<B extends string, P extends string = never>(
  spec: ElementwiseSpec<B, P>,
): Kernel<B, P | "n"> {
  const size = spec.workgroupSize ?? ELEMENTWISE_WORKGROUP;
  return linear(spec, { size, each: 1, main: `  if (i >= p.n) { return; }\n${spec.statement}` });
}

/** A kernel of one row of workgroups, of which every invocation knows its index `i` and does `each` of `n`. */
function linear<B extends string, P extends string>(
  spec: Omit<ElementwiseSpec<B, P>, "statement" | "workgroupSize">,
  { size, each, main }: { size: number; each: number; main: string },
): Kernel<B, P | "n"> {
  return {
    name: spec.name,
    bindings: spec.bindings,
    params: { n: "u32", ...spec.params } as Record<P | "n", ParamType>,
    tables: spec.tables,
    tableStore: spec.tableStore,
    body: `
${spec.functions ?? ""}
${mainHead(size, "group_number")}
  let i = group_number * ${size}u + lane;
${main}
}`,
    workgroups: (params) => linearGrid(Math.ceil(params.n / (size * each))),
    cut: spec.each && cutByPieces(spec.bindings, spec.each),
  };
}

/**
 * The cut of a kernel whose parameter `n` counts pieces, elements or fours, of which each stands for itself.
 *
 * @param bindings The kernel's.
 * @param each Names of those that have one for each piece.
 */
export function cutByPieces<B extends string>(
  bindings: readonly Binding<B>[],
  each: readonly B[],
): Cut<B, "n"> {
  const units = Object.fromEntries(
    bindings.filter(({ name }) => each.includes(name)).map(({ name, lanes }) => [name, lanes ?? 1]),
  ) as Partial<Record<B, number>>;
  return { along: "n", units: () => units };
}

/** Neighbouring invocations whose pieces lie side by side: 8 vec4 fill a cache line of every GPU, and are a step of Mesa's driver. */
const RUN = 8;

/** What {@linkcode piecewise} builds a kernel from. */
export interface PiecewiseSpec<B extends string, P extends string>
  extends Omit<ElementwiseSpec<B, P>, "workgroupSize"> {
  /** What one piece does; `at` is its index, below `p.n`. Its effect must depend on nothing else: the last piece may be done again. */
  statement: string;
  /** Pieces an invocation: a power of two. */
  pieces: number;
  /** Whether the statement does two pieces: `at` is then a `vec2<u32>` of two that need not differ. */
  pairs?: boolean;
}

/**
 * A kernel of `n` pieces that only write, several an invocation, and none of them masked.
 *
 * A test `if (i >= p.n)` around every store costs a software driver more than the store. Here the surplus invocations do the last
 * piece once more and write the same bits to the same place.
 *
 * @param spec Name, buffers, parameters and the statement for one piece.
 * @returns The kernel; its parameters are `n` and those of the specification.
 */
export function piecewise<B extends string, P extends string = never>(
  { pieces, pairs = false, ...spec }: PiecewiseSpec<B, P>,
): Kernel<B, P | "n"> {
  const bits = Math.log2(RUN), step = pairs ? 2 : 1;
  const calls = Array.from({ length: pieces / step }, (_, j) => {
    const at = `first + ${j * step * RUN}u`;
    return pairs
      ? `  piece(min(${at} + vec2(0u, ${RUN}u), vec2(p.n - 1u)));`
      : `  piece(min(${at}, p.n - 1u));`;
  });
  const piece = `
fn piece(at: ${pairs ? "vec2<u32>" : "u32"}) {
${spec.statement}
}
`;
  return linear({ ...spec, functions: `${spec.functions ?? ""}${piece}` }, {
    size: ELEMENTWISE_WORKGROUP,
    each: pieces,
    main: `  let first = (i >> ${bits}u) * ${pieces * RUN}u + (i & ${RUN - 1}u);\n${calls.join("\n")}`,
  });
}

/**
 * The most lanes that leave no element over.
 *
 * @param n Number of elements.
 */
export function lanesFor(n: number): Lanes {
  return n % 4 === 0 ? 4 : 1;
}

/** The end of a kernel's name that tells its variants apart. */
export function lanesName(lanes: Lanes): string {
  return lanes === 4 ? "_of_fours" : "";
}

/** A binding seen as so many lanes. */
export function inLanes<N extends string>(binding: Binding<N>, lanes: Lanes): Binding<N> {
  return { ...binding, lanes };
}

/**
 * Fours of elements that a uniform binding is declared with.
 *
 * @param elements How many there are, 0 or more.
 * @returns The fours; undefined where the elements are none, no whole fours, or more than is bound.
 */
export function uniformFours(elements: number): number | undefined {
  const fours = elements / 4;
  return Number.isInteger(fours) && fours > 0 && fours <= MOST_UNIFORM ? fours : undefined;
}

/** An operand of type f32. */
export function reads<N extends string>(name: N, type: ElementType = "f32"): Binding<N> {
  return { name, type, access: "read" };
}

/** A result of type f32. */
export function writes<N extends string>(name: N, type: ElementType = "f32"): Binding<N> {
  return { name, type, access: "read_write" };
}

/**
 * A WGSL literal that stands for exactly this float32 value.
 *
 * @param value Any finite number.
 * @returns A literal such as `f32(0.1)`.
 */
export function f32Literal(value: number): string {
  return `f32(${Math.fround(value)})`;
}
