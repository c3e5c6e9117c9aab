/**
 * A data set small enough for a page: packed when the page is made, unpacked in its worker.
 *
 * @module
 */
import type { Dataset, Split } from "@fanin/fanin/data";

/** One part of a packed data set. */
interface PackedPart {
  readonly rows: number;
  /** Base64 of gzip: whole numbers of 8 bits, or little-endian float32. */
  readonly features: string;
  /** Base64: one byte a row. */
  readonly labels: string;
}

/** A packed data set. */
export interface PackedData {
  readonly name: string;
  readonly columns: number;
  readonly classes: number;
  /** Rows of a mini-batch that suit it. */
  readonly batch: number;
  /** What a byte is divided by; 0 where the features are float32. */
  readonly divisor: number;
  readonly train: PackedPart;
  readonly test: PackedPart;
}

/**
 * Packs a data set.
 *
 * @param parts With at most 256 classes.
 * @param batch Rows of a mini-batch.
 * @param divisor Features are bytes divided by this; 0 keeps them as float32.
 */
export async function pack({ train, test }: Split, batch: number, divisor: number): Promise<PackedData> {
  const part = async ({ rows, features, labels }: Dataset): Promise<PackedPart> => ({
    rows,
    features: toBase64(
      await through(
        new CompressionStream("gzip"),
        divisor > 0
          ? Uint8Array.from(features, (x) => Math.round(x * divisor))
          : new Uint8Array(Float32Array.from(features).buffer),
      ),
    ),
    labels: toBase64(Uint8Array.from(labels)),
  });
  const { name, columns, classes } = train;
  return { name, columns, classes, batch, divisor, train: await part(train), test: await part(test) };
}

/** Unpacks what {@linkcode pack} has packed. */
export async function unpack(packed: PackedData): Promise<Split> {
  const { name, columns, classes, divisor } = packed;
  const part = async ({ rows, features, labels }: PackedPart): Promise<Dataset> => {
    const bytes = await through(new DecompressionStream("gzip"), fromBase64(features));
    const numbers = divisor > 0
      ? Float32Array.from(bytes, (x) => x / divisor)
      : new Float32Array(bytes.buffer);
    return { name, features: numbers, labels: Uint32Array.from(fromBase64(labels)), rows, columns, classes };
  };
  return { train: await part(packed.train), test: await part(packed.test) };
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
