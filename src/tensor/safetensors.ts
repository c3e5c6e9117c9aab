/**
 * .safetensors files in memory: whole files in, tensors as views of them out, and the other way round in
 * chunks that can be streamed.
 *
 * @module
 */

import { DtypeError, ShapeError } from "../gpu/errors.ts";
import { quote } from "./quote.ts";
import {
  encodeSafetensorsHeader,
  parseSafetensorsHeader,
  type TensorInfo,
  type TensorType,
} from "./safetensors_header.ts";

export {
  encodeSafetensorsHeader,
  parseSafetensorsHeader,
  safetensorsHeaderLength,
} from "./safetensors_header.ts";
export type {
  EncodedHeader,
  SafetensorsDtype,
  SafetensorsHeader,
  TensorInfo,
  TensorType,
} from "./safetensors_header.ts";

/** A tensor of a file that is in memory. */
export interface TensorEntry extends TensorInfo {
  /** The elements' bytes, little endian, in C order: a view of the file, not a copy. */
  readonly data: Uint8Array;
}

/** A tensor to be written. */
export interface TensorSource extends TensorType {
  /**
   * The elements in C order: the typed array that fits the dtype, or their bytes, little endian. Never
   * copied.
   */
  readonly data: ArrayBufferView;
}

/** A whole .safetensors file. */
export interface Safetensors {
  /** Free text by key; empty where the file has none. */
  readonly metadata: Record<string, string>;
  /** The tensors by name, in the order of their data. */
  readonly tensors: Map<string, TensorEntry>;
}

/**
 * Reads a .safetensors file. Nothing is copied: the tensors are views of `bytes`.
 *
 * @param bytes The whole file.
 * @returns The tensors by name, in the order of their data, and the metadata.
 * @throws {FormatError} The file is truncated or its header is not what the format says, as {@linkcode
 *   parseSafetensorsHeader} lists.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const { metadata, tensors, dataStart } = parseSafetensorsHeader(bytes, bytes.byteLength);
  const entries = new Map<string, TensorEntry>();
  for (const [name, info] of tensors) {
    entries.set(name, { ...info, data: bytes.subarray(dataStart + info.begin, dataStart + info.end) });
  }
  return { metadata, tensors: entries };
}

/**
 * Writes a .safetensors file as chunks: the header first, then the data of each tensor. Their concatenation
 * is the file.
 *
 * The data is in the given order, except that wider element types come first (see {@linkcode
 * encodeSafetensorsHeader}).
 *
 * @param tensors Name and content of each tensor; a `Map` will do.
 * @param metadata Free text by key.
 * @returns The chunks. Those of the data are views of what was passed: write them before it changes.
 * @throws {ShapeError} A tensor's data does not hold the bytes that its dtype and shape need, or a shape is
 *   none.
 * @throws {DtypeError} A dtype is unknown.
 * @throws {ArgumentError} A name or the metadata cannot be written.
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, TensorSource]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const sources = [...tensors];
  const header = encodeSafetensorsHeader(sources, metadata);
  const byName = new Map(sources);
  const chunks: Uint8Array[] = [header.bytes];
  for (const [name, { dtype, shape, begin, end }] of header.tensors) {
    const { data } = byName.get(name)!;
    if (data.byteLength !== end - begin) {
      throw new ShapeError(
        `tensor ${quote(name)} needs ${end - begin} bytes for ${dtype} [${shape}] and has ${data.byteLength}`,
        "pass the shape and dtype of the data",
      );
    }
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return chunks;
}

/**
 * The elements of an F32 tensor.
 *
 * @param entry A tensor of dtype F32 with its bytes; its name is not known here and so is not in the error.
 * @returns One float an element, in C order: a view of the file where the bytes lie at a multiple of 4, else
 *   a copy.
 * @throws {DtypeError} The tensor is of another dtype.
 * @throws {ShapeError} The bytes are not a whole number of floats, which no entry of a parsed file has.
 */
export function asFloat32(entry: Pick<TensorEntry, "dtype" | "data">): Float32Array {
  const { dtype, data } = entry;
  if (dtype !== "F32") {
    throw new DtypeError(
      `the tensor is of dtype ${dtype}, not F32`,
      "convert it to float32 where it was made",
    );
  }
  if (data.byteLength % 4 !== 0) {
    throw new ShapeError(
      `${data.byteLength} bytes are not a whole number of floats`,
      "pass all of the tensor's bytes",
    );
  }
  if (data.byteOffset % 4 === 0) return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  return new Float32Array(new Uint8Array(data).buffer);
}
