/**
 * Files of weights, streamed: written without ever holding a tensor, and compared with what their recipe makes.
 *
 * @module
 */
import { FormatError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Manifest } from "../init/manifest.ts";
import { parseManifest } from "../init/parse_manifest.ts";
import { remake, type TensorPiece } from "../init/remake.ts";
import { manifestHeader } from "../init/remake_file.ts";
import { encodeNpyHeader } from "../tensor/npy.ts";
import { quote } from "../tensor/quote.ts";
import {
  type EncodedHeader,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  safetensorsHeaderLength,
} from "../tensor/safetensors.ts";
import { type Shape, sizeOf } from "../tensor/tensor.ts";
import { unreadable, writeWhole } from "./files.ts";

/** Bytes of a float32. */
const FLOAT_BYTES = 4;

/** A tensor as it is written. */
export interface WrittenTensor {
  /** Its name. */
  readonly name: string;
  /** Its shape: of a shard, one dimension. */
  readonly shape: Shape;
}

/** Where a file is not what its recipe makes. */
export interface Difference {
  /** In words. */
  readonly message: string;
  /** The tensor; none where it is the header that differs. */
  readonly tensor?: string;
  /** The element, counted from the beginning of the file's tensor. */
  readonly element?: number;
}

/**
 * What a file of a manifest holds.
 *
 * @param manifest What is made.
 */
export function writtenTensors({ tensors, range }: Manifest): WrittenTensor[] {
  return tensors.map(({ name, shape }) => ({
    name,
    shape: range === undefined ? shape : [range[1] - range[0]],
  }));
}

/**
 * What stands before the weights in a file: for safetensors with the recipe among the metadata.
 *
 * @param path The file's name; it says which format.
 * @param manifest What is made. For npy one tensor.
 */
export function fileHeader(path: string, manifest: Manifest): Uint8Array {
  if (isNpy(path)) return encodeNpyHeader("f4", writtenTensors(manifest)[0].shape);
  return manifestHeader(manifest).bytes;
}

/** Whether a file's name is that of an npy file. */
export function isNpy(path: string): boolean {
  return path.toLowerCase().endsWith(".npy");
}

/**
 * The size of a file of weights, in bytes.
 *
 * @param path Its name.
 * @param manifest What is made.
 */
export function fileSize(path: string, manifest: Manifest): number {
  const elements = writtenTensors(manifest).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return fileHeader(path, manifest).length + FLOAT_BYTES * elements;
}

/**
 * Writes weights as they are made.
 *
 * @param path Where to; its ending says which format.
 * @param gpu Where they are drawn.
 * @param manifest What to make.
 * @param watch Is told of every piece.
 * @throws {FileError} when it cannot be written; a file that was there is as it was.
 */
export async function writeWeights(
  path: string,
  gpu: Gpu | undefined,
  manifest: Manifest,
  watch: (piece: TensorPiece) => void,
): Promise<void> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield fileHeader(path, manifest);
    for await (const piece of remake(gpu, manifest)) {
      yield bytesOf(piece.values);
      watch(piece);
    }
  }
  await writeWhole(path, chunks());
}

/** A safetensors file that was written with its recipe, open for reading. */
export class WeightsFile implements Disposable {
  /** Its name. */
  readonly path: string;
  /** The recipe among its metadata. */
  readonly manifest: Manifest;
  readonly #file: Deno.FsFile;
  readonly #prefix: Uint8Array<ArrayBuffer>;
  readonly #header: SafetensorsHeader;

  private constructor(path: string, file: Deno.FsFile, prefix: Uint8Array<ArrayBuffer>, size: number) {
    this.path = path;
    this.#file = file;
    this.#prefix = prefix;
    this.#header = parseSafetensorsHeader(prefix, size);
    this.manifest = recipeOf(this.#header, path);
  }

  /**
   * Opens a file and reads its header: the weights stay where they are.
   *
   * @param path Which.
   * @throws {FileError} when it cannot be read.
   * @throws {FormatError} when it is no safetensors file, or holds no recipe.
   */
  static async open(path: string): Promise<WeightsFile> {
    const file = await Deno.open(path).catch((error) => {
      throw unreadable(path, error);
    });
    try {
      const { size } = await file.stat(), start = new Uint8Array(Math.min(8, size));
      await readAt(file, path, 0, start);
      const prefix = new Uint8Array(safetensorsHeaderLength(start, size));
      await readAt(file, path, 0, prefix);
      return new WeightsFile(path, file, prefix, size);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Makes the weights again, piece by piece, and compares them with the file's bytes.
   *
   * @param gpu Where they are drawn.
   * @param watch Is told of every piece that was equal.
   * @returns The first difference: of tensors, of their elements, then of the header; none when the file is what would be written.
   */
  async firstDifference(
    gpu: Gpu | undefined,
    watch: (piece: TensorPiece) => void,
  ): Promise<Difference | undefined> {
    const expected = manifestHeader(this.manifest);
    const among = differentTensors(this.#header, expected);
    if (among !== undefined) return among;
    const first = this.manifest.range?.[0] ?? 0;
    for await (const piece of remake(gpu, this.manifest)) {
      const { name, values } = piece, offset = piece.offset - first, there = new Float32Array(values.length);
      const at = this.#header.dataStart + this.#header.tensors.get(name)!.begin + FLOAT_BYTES * offset;
      await readAt(this.#file, this.path, at, bytesOf(there));
      const found = bitsOf(there), made = bitsOf(values), i = firstUnequal(found, made);
      if (i >= 0) return differentElement(name, offset + i, found[i], made[i]);
      watch(piece);
    }
    return differentHeader(this.#prefix, expected.bytes);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function recipeOf({ metadata }: SafetensorsHeader, path: string): Manifest {
  if (!Object.hasOwn(metadata, "fanin") || !metadata.fanin.startsWith("{")) {
    throw new FormatError(`${path} holds no recipe`, "give a file that fanin init has written");
  }
  return parseManifest(metadata.fanin);
}

function differentTensors(found: SafetensorsHeader, expected: EncodedHeader): Difference | undefined {
  for (const [name, { shape }] of expected.tensors) {
    const there = found.tensors.get(name);
    if (there === undefined) return { tensor: name, message: `the file has no tensor ${quote(name)}` };
    if (there.dtype !== "F32" || `${there.shape}` !== `${shape}`) {
      const [has, makes] = [`${there.dtype} [${there.shape}]`, `F32 [${shape}]`];
      return { tensor: name, message: `${quote(name)} is ${has} in the file, and the recipe makes ${makes}` };
    }
  }
  const extra = [...found.tensors.keys()].find((name) => !expected.tensors.has(name));
  if (extra === undefined) return undefined;
  return {
    tensor: extra,
    message: `the file has the tensor ${quote(extra)}, which the recipe does not make`,
  };
}

function differentElement(tensor: string, element: number, there: number, made: number): Difference {
  const shown = (bits: number) =>
    `${new Float32Array(Uint32Array.of(bits).buffer)[0]} (0x${bits.toString(16).padStart(8, "0")})`;
  const message = `element ${element} of ${quote(tensor)} is ${
    shown(there)
  } in the file, and the recipe makes ${shown(made)}`;
  return { tensor, element, message };
}

function differentHeader(found: Uint8Array, expected: Uint8Array): Difference | undefined {
  const same = found.length === expected.length && found.every((byte, i) => byte === expected[i]);
  if (same) return undefined;
  return { message: "the weights are equal, but the header is not the one that fanin writes" };
}

/** A loop: a callback for each of some hundred million elements would take longer than to make them. */
function firstUnequal(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

/** What is compared: a NaN is equal to itself, and 0 is not -0. */
function bitsOf(values: Float32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function bytesOf(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

async function readAt(file: Deno.FsFile, path: string, at: number, into: Uint8Array): Promise<void> {
  try {
    await file.seek(at, Deno.SeekMode.Start);
    for (let done = 0; done < into.length;) {
      const read = await file.read(into.subarray(done));
      if (read === null) throw new Error("it has become shorter meanwhile");
      done += read;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}
