/**
 * The header of a .safetensors file: which tensors it holds, of which type and shape, and where.
 *
 * Eight bytes (little-endian unsigned) give the length of a JSON text, the text follows, padded with spaces
 * to a multiple of 8, and then the data without gaps. The checks are those of the reference implementation,
 * and a few that it leaves to the JSON parser.
 *
 * @module
 */

import { ArgumentError, DtypeError, FormatError, ShapeError } from "../gpu/errors.ts";
import { byteLength, isSize } from "./extent.ts";
import { refuseDuplicateKeys } from "./json_keys.ts";
import { quote } from "./quote.ts";

/**
 * The element types that are read and written, by the format's own names: all whose elements are whole bytes
 * and real.
 */
export type SafetensorsDtype =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "F8_E4M3"
  | "F8_E4M3FNUZ"
  | "F8_E5M2"
  | "F8_E5M2FNUZ"
  | "F8_E8M0"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** The type and the shape of a tensor. */
export interface TensorType {
  /** The element type. */
  readonly dtype: SafetensorsDtype;
  /** Sizes, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
}

/** A tensor as the header describes it. */
export interface TensorInfo extends TensorType {
  /** The first byte, counted from the beginning of the data, which is `dataStart` in the file. */
  readonly begin: number;
  /** The byte after the last, counted the same way. */
  readonly end: number;
}

/** What the header of a .safetensors file says. */
export interface SafetensorsHeader {
  /** Free text by key, as the file's `__metadata__` has it; empty where it has none. */
  readonly metadata: Record<string, string>;
  /** The tensors by name, in the order of their data. */
  readonly tensors: Map<string, TensorInfo>;
  /** Where the data begins in the file, in bytes. */
  readonly dataStart: number;
}

/** A header ready to be written, from {@linkcode encodeSafetensorsHeader}. */
export interface EncodedHeader {
  /** The bytes before the data, a multiple of 8. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The tensors by name, in the order in which their data must follow, without gaps. */
  readonly tensors: Map<string, TensorInfo>;
}

const ELEMENT_BYTES: Record<SafetensorsDtype, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2: 1,
  F8_E5M2FNUZ: 1,
  F8_E8M0: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};
const LENGTH_BYTES = 8;
const LONGEST_HEADER = 100_000_000;
// The format needs 3 levels. Readers ignore fields that they do not know, and those may be nested.
const DEEPEST = 64;
const METADATA = "__metadata__";

/**
 * How many bytes from the beginning of the file hold its header: what has to be read before {@linkcode
 * parseSafetensorsHeader}.
 *
 * @param prefix The beginning of the file, 8 bytes or more (fewer only where the file has no more).
 * @param fileSize The size of the whole file, in bytes.
 * @returns A number from 8 to `fileSize`.
 * @throws {FormatError} The file is shorter than 8 bytes, or the length is over 100 MB or longer than the
 *   file.
 * @throws {ArgumentError} `prefix` has fewer than 8 bytes of a file that has more.
 */
export function safetensorsHeaderLength(prefix: Uint8Array, fileSize: number): number {
  if (fileSize < LENGTH_BYTES) {
    throw new FormatError(
      `a .safetensors file of ${fileSize} bytes has no header`,
      "copy or save the file again",
    );
  }
  if (prefix.byteLength < LENGTH_BYTES) {
    throw new ArgumentError(
      `${prefix.byteLength} bytes are too few to read a header's length`,
      "pass 8 or more",
    );
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) {
    throw new FormatError(
      `the .safetensors header claims ${length} bytes, more than ${LONGEST_HEADER}`,
      "check that this is a .safetensors file",
    );
  }
  if (Number(length) > fileSize - LENGTH_BYTES) {
    throw new FormatError(
      `the .safetensors header claims ${length} bytes and the file has ${fileSize - LENGTH_BYTES} left`,
      "the file is cut off: copy or save it again",
    );
  }
  return LENGTH_BYTES + Number(length);
}

/**
 * Reads the header of a file from its first bytes, so that a large file need not be in memory.
 *
 * @param prefix The beginning of the file, at least as many bytes as {@linkcode safetensorsHeaderLength}
 *   says.
 * @param fileSize The size of the whole file, in bytes: the data must fill it exactly.
 * @returns The tensors in the order of their data, and the metadata.
 * @throws {FormatError} The header is not what the format says: no JSON object, a key twice, an unknown
 *   dtype, a shape that does not fit its bytes, tensors that overlap, leave a hole, or do not end where the
 *   file does.
 * @throws {ArgumentError} `prefix` does not hold the whole header.
 */
export function parseSafetensorsHeader(prefix: Uint8Array, fileSize: number): SafetensorsHeader {
  const dataStart = safetensorsHeaderLength(prefix, fileSize);
  if (prefix.byteLength < dataStart) {
    throw new ArgumentError(
      `the header takes the first ${dataStart} bytes and ${prefix.byteLength} were passed`,
      "read as many as safetensorsHeaderLength says",
    );
  }
  const header = parseJsonObject(prefix.subarray(LENGTH_BYTES, dataStart));
  const tensors: [string, TensorInfo][] = [];
  let metadata: Record<string, string> = {};
  // Object.entries of what JSON.parse made: "__proto__" is a key like any other on both sides.
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = checkMetadata(value);
    else tensors.push([name, checkTensor(name, value)]);
  }
  tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkCoverage(tensors, fileSize - dataStart);
  return { metadata, tensors: new Map(tensors), dataStart };
}

/**
 * Writes the header alone, for data that is streamed after it.
 *
 * The data's order is the given order, except that wider element types come first, as in the reference
 * implementation: every tensor then begins at a multiple of its element's size, which PyTorch needs to map
 * the file. The keys of the header have the data's order, those of the metadata are sorted: the same input
 * gives the same bytes.
 *
 * @param tensors Name and type of each tensor.
 * @param metadata Free text by key.
 * @returns The bytes, and where each tensor's data goes.
 * @throws {ArgumentError} A name is `__metadata__`, given twice or not valid Unicode, a metadata value is no
 *   string, or the header would pass 100 MB.
 * @throws {DtypeError} A dtype is unknown.
 * @throws {ShapeError} A size is not a whole number from 0 on, or the data would pass 2^53 - 1 bytes.
 */
export function encodeSafetensorsHeader(
  tensors: Iterable<readonly [string, TensorType]>,
  metadata: Readonly<Record<string, string>> = {},
): EncodedHeader {
  const placed = place(tensors);
  const members = [...placed].map(([name, { dtype, shape, begin, end }]) =>
    `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`
  );
  const texts = encodeMetadata(metadata);
  if (texts !== undefined) members.unshift(`${JSON.stringify(METADATA)}:${texts}`);

  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.byteLength / LENGTH_BYTES) * LENGTH_BYTES;
  if (length > LONGEST_HEADER) {
    throw new ArgumentError(`a .safetensors header of ${length} bytes is over 100 MB`, "write several files");
  }
  const bytes = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, LENGTH_BYTES);
  return { bytes, tensors: placed };
}

function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const text = decodeUtf8(bytes);
  refuseDuplicateKeys(text, "the .safetensors header", DEEPEST);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError("the .safetensors header is not JSON", "save the file again", { cause: error });
  }
  // The format asks for the brace to come first: blanks may only follow.
  if (!isObject(value) || text[0] !== "{") {
    throw new FormatError(
      `the .safetensors header starts with ${quote(text.slice(0, 10))}, not with {`,
      "save the file again",
    );
  }
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new FormatError("the .safetensors header is not UTF-8", "check that this is a .safetensors file", {
      cause: error,
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkMetadata(value: unknown): Record<string, string> {
  if (!isObject(value)) {
    throw new FormatError(`__metadata__ is ${quote(value)}, not an object`, "save the file again");
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw new FormatError(`__metadata__ has ${quote(text)} under ${quote(key)}`, "make it a string");
    }
  }
  return value as Record<string, string>;
}

function checkTensor(name: string, value: unknown): TensorInfo {
  const invalid = (what: string) => new FormatError(`tensor ${quote(name)} ${what}`, "save the file again");
  if (!isObject(value)) throw invalid(`is ${quote(value)}, not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) throw invalid(`has the dtype ${quote(dtype)}, not one of ${knownDtypes()}`);
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw invalid(`has the shape ${quote(shape)}, not an array of whole numbers from 0 on`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw invalid(`has the data_offsets ${quote(offsets)}, not two whole numbers from 0 on`);
  }
  const [begin, end]: number[] = offsets;
  const needed = byteLength(shape, ELEMENT_BYTES[dtype]);
  if (needed === undefined) throw invalid(`has the shape ${quote(shape)}, which overflows`);
  if (end - begin !== needed) {
    throw invalid(
      `needs ${needed} bytes for ${dtype} ${quote(shape)} and its data_offsets hold ${end - begin}`,
    );
  }
  return { dtype, shape, begin, end };
}

function checkCoverage(tensors: readonly [string, TensorInfo][], available: number): void {
  let covered = 0;
  for (const [name, { begin, end }] of tensors) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlaps the tensor before it" : "leaves a hole before it";
      throw new FormatError(
        `tensor ${quote(name)} begins at byte ${begin} and the one before ends at ${covered}: it ${fault}`,
        "save the file again",
      );
    }
    covered = end;
  }
  if (covered > available) {
    throw new FormatError(
      `the tensors need ${covered} bytes of data and the .safetensors file has ${available}`,
      "the file is cut off: copy or save it again",
    );
  }
  if (covered < available) {
    throw new FormatError(
      `${available - covered} bytes follow the tensors in the .safetensors file`,
      "save the file again",
    );
  }
}

function place(tensors: Iterable<readonly [string, TensorType]>): Map<string, TensorInfo> {
  const types = new Map<string, TensorType>();
  for (const [name, type] of tensors) {
    checkName(name, types);
    checkType(name, type);
    types.set(name, type);
  }
  // sort() is stable: within one width the given order stays.
  const ordered = [...types].sort(([, a], [, b]) => ELEMENT_BYTES[b.dtype] - ELEMENT_BYTES[a.dtype]);
  const placed = new Map<string, TensorInfo>();
  let begin = 0;
  for (const [name, { dtype, shape }] of ordered) {
    const end = begin + byteLength(shape, ELEMENT_BYTES[dtype])!;
    if (!isSize(end)) throw new ShapeError("the tensors pass 2^53 bytes together", "write several files");
    placed.set(name, { dtype, shape: [...shape], begin, end });
    begin = end;
  }
  return placed;
}

function checkName(name: string, taken: ReadonlyMap<string, unknown>): void {
  if (typeof name !== "string" || name === METADATA || !name.isWellFormed()) {
    throw new ArgumentError(`${quote(name)} cannot name a tensor`, "give it another name");
  }
  if (taken.has(name)) throw new ArgumentError(`two tensors are named ${quote(name)}`, "rename one of them");
}

function checkType(name: string, { dtype, shape }: TensorType): void {
  if (!isDtype(dtype)) {
    throw new DtypeError(
      `tensor ${quote(name)} has the dtype ${quote(dtype)}`,
      `use one of ${knownDtypes()}`,
    );
  }
  if (!shape.every(isSize) || byteLength(shape, ELEMENT_BYTES[dtype]) === undefined) {
    throw new ShapeError(
      `tensor ${quote(name)} has the shape ${quote(shape)}`,
      "give whole numbers from 0 on whose product stays under 2^53 bytes",
    );
  }
}

function encodeMetadata(metadata: Readonly<Record<string, string>>): string | undefined {
  // By code unit, not by locale: the bytes must not depend on the machine.
  const entries = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
  for (const [key, text] of entries) {
    if (typeof text !== "string" || !text.isWellFormed() || !key.isWellFormed()) {
      throw new ArgumentError(`metadata ${quote(key)} is ${quote(text)}`, "give strings of valid Unicode");
    }
  }
  if (entries.length === 0) return undefined;
  return `{${entries.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(",")}}`;
}

function isDtype(dtype: unknown): dtype is SafetensorsDtype {
  return typeof dtype === "string" && Object.hasOwn(ELEMENT_BYTES, dtype);
}

function knownDtypes(): string {
  return Object.keys(ELEMENT_BYTES).join(", ");
}
