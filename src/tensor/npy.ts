/**
 * NumPy's .npy files, in memory: one array in, one array out.
 *
 * Reads format versions 1.0, 2.0 and 3.0, either byte order, C and Fortran order. Writes version 1.0, little
 * endian, C order, byte for byte what `numpy.save` writes. The header is a Python literal: it is parsed by a
 * grammar of its own, never evaluated, and everything in it is checked before a buffer is allocated.
 *
 * @module
 */

import { ArgumentError, DtypeError, FormatError, ShapeError } from "../gpu/errors.ts";
import { byteLength, isSize } from "./extent.ts";
import { type NpyHeader, parseNpyLiteral } from "./npy_header.ts";
import { quote } from "./quote.ts";

/**
 * The element types that are read and written, as NumPy names them without the byte order; `b1` is a boolean
 * in one byte.
 */
export type NpyDtype = "f4" | "f8" | "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" | "b1";

/** The typed array that holds each element type. `b1` holds 0 and 1; 64-bit integers are `bigint`s. */
export interface NpyStorage {
  /** 32-bit floats. */
  f4: Float32Array<ArrayBuffer>;
  /** 64-bit floats. */
  f8: Float64Array<ArrayBuffer>;
  /** 8-bit signed integers. */
  i1: Int8Array<ArrayBuffer>;
  /** 16-bit signed integers. */
  i2: Int16Array<ArrayBuffer>;
  /** 32-bit signed integers. */
  i4: Int32Array<ArrayBuffer>;
  /** 64-bit signed integers. */
  i8: BigInt64Array<ArrayBuffer>;
  /** 8-bit unsigned integers. */
  u1: Uint8Array<ArrayBuffer>;
  /** 16-bit unsigned integers. */
  u2: Uint16Array<ArrayBuffer>;
  /** 32-bit unsigned integers. */
  u4: Uint32Array<ArrayBuffer>;
  /** 64-bit unsigned integers. */
  u8: BigUint64Array<ArrayBuffer>;
  /** Booleans, one byte each, 0 or 1. */
  b1: Uint8Array<ArrayBuffer>;
}

/**
 * An array as a .npy file holds it: `data` has the product of `shape` elements, in C order (the last index
 * runs fastest).
 */
export type NpyArray = {
  [D in NpyDtype]: { dtype: D; shape: number[]; data: NpyStorage[D] };
}[NpyDtype];

/** What {@linkcode writeNpy} takes: as {@linkcode NpyArray}, over any buffer. */
export interface NpySource {
  /** The element type; `data` must be the matching typed array. */
  readonly dtype: NpyDtype;
  /** Sizes, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** The elements, in C order. */
  readonly data: ArrayBufferView;
}

const STORAGE = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
  b1: Uint8Array,
} as const;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // "\x93NUMPY"
const ALIGNMENT = 64;
// NumPy leaves room for the first size to grow to 21 digits in place.
const GROWTH_DIGITS = 21;
// NumPy itself refuses longer headers unless it is told to trust the file.
const LONGEST_HEADER = 10_000;
const MOST_DIMENSIONS = 64;

/**
 * Reads a .npy file.
 *
 * @param bytes The whole file. It is copied from, never kept.
 * @returns The array in C order and the host's byte order, whatever order the file has.
 * @throws {FormatError} The file is truncated, has bytes left over, or its header is not what the format
 *   says.
 * @throws {DtypeError} The elements are of a type that is not in {@linkcode NpyDtype}, such as complex
 *   numbers or objects.
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  const { text, dataStart } = readHeaderText(bytes);
  const header = parseNpyLiteral(text);
  const { dtype, swap } = parseDescr(header.descr);
  const size = STORAGE[dtype].BYTES_PER_ELEMENT;
  checkExtent(header.shape, size, bytes.byteLength - dataStart);

  // A copy: the elements are then aligned, and independent of the file's buffer. Not slice(), which Node's
  // Buffer makes a view.
  const raw = new Uint8Array(bytes.subarray(dataStart));
  if (swap) reverseElements(raw, size);
  if (dtype === "b1") checkBooleans(raw);
  const shape = [...header.shape];
  const stored = new STORAGE[dtype](raw.buffer);
  const data = isTransposed(header) ? toRowMajor(stored, shape) : stored;
  return { dtype, shape, data } as NpyArray;
}

/**
 * Writes a .npy file: version 1.0, little endian, C order, the same bytes as `numpy.save`.
 *
 * @param array The array; `data` holds the product of `shape` elements in C order.
 * @returns The whole file.
 * @throws {ShapeError} `data` does not hold as many elements as `shape` says.
 * @throws {DtypeError} `data` is not the typed array of `dtype`, or `dtype` is unknown.
 * @throws {ArgumentError} `shape` has more than 64 sizes.
 */
export function writeNpy(array: NpySource): Uint8Array<ArrayBuffer> {
  const { dtype, shape, data } = array;
  const header = encodeNpyHeader(dtype, shape);
  if (!(data instanceof STORAGE[dtype])) {
    throw new DtypeError(
      `the data of dtype ${dtype} is a ${data?.constructor?.name ?? typeof data}`,
      `pass a ${STORAGE[dtype].name}`,
    );
  }
  const needed = byteLength(shape, STORAGE[dtype].BYTES_PER_ELEMENT);
  if (needed !== data.byteLength) {
    throw new ShapeError(
      `shape [${shape}] needs ${needed} bytes of ${dtype}, the data has ${data.byteLength}`,
      "pass the shape of the data",
    );
  }
  const file = new Uint8Array(header.byteLength + data.byteLength);
  file.set(header);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.byteLength);
  return file;
}

/**
 * Writes only what stands before the elements, for a file whose data is streamed after it.
 *
 * @param dtype The element type.
 * @param shape Sizes, outermost first.
 * @returns The header, a multiple of 64 bytes. The elements follow it: little endian, in C order, and nothing
 *   after them.
 * @throws {DtypeError} `dtype` is unknown.
 * @throws {ShapeError} A size is not a whole number from 0 on, or the array would pass 2^53 - 1 bytes.
 * @throws {ArgumentError} `shape` has more than 64 sizes.
 */
export function encodeNpyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  if (!Object.hasOwn(STORAGE, dtype)) {
    throw new DtypeError(`${quote(dtype)} is not a dtype of .npy files here`, `use one of ${knownDtypes()}`);
  }
  if (shape.length > MOST_DIMENSIONS) {
    throw new ArgumentError(`${shape.length} dimensions are more than NumPy's 64`, "merge some of them");
  }
  if (!shape.every(isSize) || byteLength(shape, STORAGE[dtype].BYTES_PER_ELEMENT) === undefined) {
    throw new ShapeError(
      `shape ${quote(shape)} is not the shape of an array`,
      "give whole numbers from 0 on whose product stays under 2^53 bytes",
    );
  }
  const order = STORAGE[dtype].BYTES_PER_ELEMENT === 1 ? "|" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  let text = `{'descr': '${order}${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  if (shape.length > 0) text += " ".repeat(GROWTH_DIGITS - String(shape[0]).length);
  // One newline ends it; NumPy pads by 64 where 0 would do.
  const before = MAGIC.length + 4;
  text += " ".repeat(ALIGNMENT - (before + text.length + 1) % ALIGNMENT) + "\n";

  const header = new Uint8Array(before + text.length);
  header.set([...MAGIC, 1, 0, text.length & 0xff, text.length >> 8]);
  header.set(new TextEncoder().encode(text), before);
  return header;
}

function readHeaderText(bytes: Uint8Array): { text: string; dataStart: number } {
  if (bytes.byteLength < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new FormatError(
      `not a .npy file: ${bytes.byteLength} bytes that do not start with \\x93NUMPY`,
      "write it with numpy.save, one array a file (.npz archives and pickles are not read)",
    );
  }
  const [major, minor] = [bytes[6], bytes[7]];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new FormatError(
      `.npy format version ${major}.${minor} is unknown`,
      "save it as version 1.0, 2.0 or 3.0",
    );
  }
  const start = major === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < start) {
    throw truncated(`the file ends at byte ${bytes.byteLength}, inside its header`);
  }
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) {
    throw new FormatError(
      `the .npy header claims ${length} bytes, more than ${LONGEST_HEADER}`,
      "save a plain numeric array",
    );
  }
  const dataStart = start + length;
  if (bytes.byteLength < dataStart) {
    throw truncated(
      `the .npy header claims ${length} bytes and the file has ${bytes.byteLength - start} left`,
    );
  }
  return { text: decodeHeader(bytes.subarray(start, dataStart), major), dataStart };
}

// Versions 1 and 2 are Latin-1, 3 is UTF-8. What is accepted is ASCII in all of them.
function decodeHeader(bytes: Uint8Array, major: number): string {
  try {
    return new TextDecoder(major === 3 ? "utf-8" : "latin1", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FormatError("the .npy header is not UTF-8 as version 3.0 asks", "save the array again", {
      cause: error,
    });
  }
}

function parseDescr(descr: string): { dtype: NpyDtype; swap: boolean } {
  const order = descr[0];
  const dtype = descr.slice(1) as NpyDtype;
  if (Object.hasOwn(STORAGE, dtype)) {
    if (STORAGE[dtype].BYTES_PER_ELEMENT === 1 && "|<>".includes(order)) return { dtype, swap: false };
    if (order === "<" || order === ">") return { dtype, swap: order === ">" };
  }
  throw new DtypeError(
    `the .npy file holds elements of dtype ${quote(descr)}`,
    `convert it with .astype(numpy.float32) or to another of ${knownDtypes()}`,
  );
}

function knownDtypes(): string {
  return Object.keys(STORAGE).join(", ");
}

function checkExtent(shape: readonly number[], bytesPerElement: number, available: number): void {
  if (shape.length > MOST_DIMENSIONS) {
    throw new FormatError(
      `the .npy shape has ${shape.length} dimensions, more than 64`,
      "save a smaller array",
    );
  }
  const needed = byteLength(shape, bytesPerElement);
  if (needed === undefined) {
    throw new FormatError(`the .npy shape (${shape.join(", ")}) overflows`, "save the array again");
  }
  if (needed > available) {
    throw truncated(
      `the .npy shape (${shape.join(", ")}) needs ${needed} bytes of data and the file has ${available}`,
    );
  }
  if (needed < available) {
    throw new FormatError(
      `${available - needed} bytes follow the ${needed} that the .npy shape (${shape.join(", ")}) needs`,
      "save one array a file",
    );
  }
}

function truncated(cause: string): FormatError {
  return new FormatError(cause, "the file is cut off: copy or save it again");
}

function reverseElements(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}

function checkBooleans(bytes: Uint8Array): void {
  const at = bytes.findIndex((byte) => byte > 1);
  if (at >= 0) {
    throw new FormatError(
      `element ${at} of a boolean .npy array is ${bytes[at]}`,
      "save it as uint8, or as 0 and 1",
    );
  }
}

// With one dimension or none the two orders are the same.
function isTransposed(header: NpyHeader): boolean {
  return header.fortranOrder && header.shape.length > 1;
}

// Walks the target in order, with the source's position following each index as an odometer.
function toRowMajor<T extends NpyStorage[NpyDtype]>(source: T, shape: readonly number[]): T {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  const target = source.slice() as T;
  for (let i = 0, from = 0; i < target.length; i++) {
    target[i] = source[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return target;
}
