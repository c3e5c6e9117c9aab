/**
 * `fanin bits`: a stream's words as raw bytes, for programs that test randomness.
 *
 * @module
 */
import { ArgumentError, FileError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { recordDraw, STREAM_LENGTHS } from "../random/draw.ts";
import { type Key, key } from "../random/key.ts";
import { printResult } from "./console.ts";
import { reason } from "./files.ts";
import { COMMON, helpText, type OptionSpecs, parseOptions, seedValue } from "./options.ts";

const OPTIONS = {
  generator: { kind: "text", value: "NAME", help: "philox, or threefry for JAX's words", default: "philox" },
  seed: { kind: "text", value: "SEED", help: "a whole number of up to 64 bits", default: "0" },
  stream: {
    kind: "text",
    value: "NAME",
    help: "a stream of the seed, such as 0.weight; the seed's own unless given",
  },
  start: { kind: "text", value: "ELEMENT", help: "first word", default: "0" },
  bytes: { kind: "integer", value: "N", help: "how many bytes; without end unless given", least: 0 },
  verbose: COMMON.verbose,
  help: COMMON.help,
} as const satisfies OptionSpecs;

const SUMMARY =
  "Writes the words of a stream to standard output as raw bytes, the lowest byte of each first.";

/** Words drawn at a time: 16 MiB. */
const CHUNK_WORDS = 2 ** 22;

/** Which bytes: those of the words from `start` on, up to `bytes` of them. */
interface Piece {
  readonly key: Key;
  readonly start: bigint;
  readonly bytes: bigint;
}

/**
 * Writes raw bytes until there are enough, or until the reader has had enough.
 *
 * @param args The arguments after the command's name.
 * @returns The exit status: 0, also when the reader closes the pipe.
 */
export async function bits(args: string[]): Promise<number> {
  const options = parseOptions(args, OPTIONS);
  if (options.help) {
    printResult(helpText("fanin bits [options]", SUMMARY, OPTIONS));
    return 0;
  }
  const piece = chosenPiece(options);
  if (Deno.stdout.isTerminal()) {
    throw new ArgumentError(
      "standard output is a terminal, and raw bytes would upset it",
      "pipe them into a program or a file: fanin bits | dieharder -a -g 200",
    );
  }
  using gpu = await Gpu.open();
  for await (const chunk of chunks(gpu, piece)) {
    if (!await write(chunk)) break;
  }
  return 0;
}

function chosenPiece(
  options: { generator: string; seed: string; stream?: string; start: string; bytes?: number },
): Piece {
  const { generator } = options;
  if (generator !== "philox" && generator !== "threefry") {
    throw new ArgumentError(
      `generator "${generator}" has no stream without an end`,
      "use philox or threefry",
    );
  }
  const words = STREAM_LENGTHS[generator],
    start = startValue(options.start, words),
    left = (words - start) * 4n;
  const bytes = options.bytes === undefined ? left : BigInt(options.bytes);
  if (bytes > left) {
    throw new ArgumentError(
      `${bytes} bytes from word ${start} on leave the stream`,
      `ask for ${left} or fewer`,
    );
  }
  const seeded = key(seedValue(options.seed), generator);
  return { key: options.stream === undefined ? seeded : seeded.stream(options.stream), start, bytes };
}

function startValue(text: string, words: bigint): bigint {
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value >= words) {
    throw new ArgumentError(`--start ${text}`, `give a whole number from 0 to ${words - 1n}`);
  }
  return value;
}

/** The bytes of a piece, in order. The device draws the next chunk while the caller works on this one. */
async function* chunks(gpu: Gpu, { key, start, bytes }: Piece): AsyncGenerator<Uint8Array> {
  const words = (bytes + 3n) / 4n;
  using out = gpu.buffer("bits", "u32", Number(smaller(BigInt(CHUNK_WORDS), words)));
  const draw = async (done: bigint): Promise<number> => {
    const count = Number(smaller(words - done, BigInt(CHUNK_WORDS)));
    using program = await gpu.record(
      "bits",
      (r) => recordDraw(r, key, { kind: "bits" }, out, { start: start + done, count }),
    );
    if (count > 0) program.submit();
    return count;
  };
  let count = await draw(0n);
  for (let done = 0n; done < words;) {
    const { buffer } = await gpu.read(out, 0, count); // a copy: the device's buffer is free again
    const length = Number(smaller(bytes - 4n * done, BigInt(4 * count)));
    done += BigInt(count);
    count = await draw(done);
    yield new Uint8Array(buffer, 0, length); // every machine that Deno runs on has the lowest byte first
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Writes to standard output. Whether the reader still wants more. */
async function write(chunk: Uint8Array): Promise<boolean> {
  try {
    for (let done = 0; done < chunk.length;) done += await Deno.stdout.write(chunk.subarray(done));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw new FileError(
      `cannot write to standard output: ${reason(error)}`,
      "make room there, or write elsewhere",
      {
        cause: error,
      },
    );
  }
}
