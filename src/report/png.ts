/**
 * A PNG file of few colours, as text that a page holds by itself.
 *
 * @module
 */

/** A colour: red, green, blue and how opaque it is, 0 to 255 each. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The largest chunk of bytes that is turned into characters at once: arguments of a call are limited. */
const CHARACTERS = 8192;

/**
 * A picture as a `data:` URI. PNG, second edition (ISO/IEC 15948:2003): one byte a pixel, the number of its colour; no filter, which
 * suits neither noise nor blocks; deflated.
 *
 * @param width In pixels, 1 or more.
 * @param height In pixels, 1 or more.
 * @param pixels [height, width], row-major: numbers of colours.
 * @param palette The colours, 256 at most.
 */
export async function pngUri(
  width: number,
  height: number,
  pixels: Uint8Array,
  palette: readonly Rgba[],
): Promise<string> {
  const lines = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3], 8); // 8 bits a pixel, by palette
  const file = [
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flatMap(([r, g, b]) => [r, g, b]))),
    chunk("tRNS", Uint8Array.from(palette, ([, , , alpha]) => alpha)),
    chunk("IDAT", await deflated(lines)),
    chunk("IEND", new Uint8Array(0)),
  ];
  return `data:image/png;base64,${base64(file)}`;
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // The format that the web calls "deflate" is zlib's, which PNG asks for.
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Length, type, data, and a CRC-32 of the latter two. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** ISO 3309's, bit by bit: pictures are small. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function base64(parts: readonly Uint8Array[]): string {
  let text = "";
  for (const part of parts) {
    for (let i = 0; i < part.length; i += CHARACTERS) {
      text += String.fromCharCode(...part.subarray(i, i + CHARACTERS));
    }
  }
  return btoa(text);
}
