import { assertEquals } from "@std/assert";
import { crc32, inflateSync } from "node:zlib";
import fc from "fast-check";
import { pngUri, type Rgba } from "../../src/report/png.ts";

/** The chunks of a PNG, each with its CRC checked by another implementation. */
function chunksOf(uri: string): Map<string, Uint8Array> {
  const bytes = Uint8Array.from(atob(uri.slice("data:image/png;base64,".length)), (c) => c.charCodeAt(0));
  assertEquals([...bytes.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(bytes.buffer), chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < bytes.length;) {
    const length = view.getUint32(at), type = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    chunks.set(type, bytes.slice(at + 8, at + 8 + length));
    assertEquals(view.getUint32(at + 8 + length), crc32(bytes.subarray(at + 4, at + 8 + length)), type);
    at += 12 + length;
  }
  return chunks;
}

const PALETTE: Rgba[] = [[0, 0, 0, 0], [255, 128, 1, 255], [7, 8, 9, 40]];

Deno.test("a picture is a PNG whose pixels are those given", async () => {
  const picture = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(picture, async ([width, height, seed]) => {
      const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * i + seed) % 3);
      const chunks = chunksOf(await pngUri(width, height, pixels, PALETTE));
      assertEquals([...chunks.keys()], ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
      const header = new DataView(chunks.get("IHDR")!.buffer);
      assertEquals([header.getUint32(0), header.getUint32(4)], [width, height]);
      assertEquals([...chunks.get("IHDR")!.subarray(8)], [8, 3, 0, 0, 0]);
      assertEquals([...chunks.get("PLTE")!], [0, 0, 0, 255, 128, 1, 7, 8, 9]);
      assertEquals([...chunks.get("tRNS")!], [0, 255, 40]);
      const lines = inflateSync(chunks.get("IDAT")!);
      for (let y = 0; y < height; y++) {
        const line = [...lines.subarray(y * (width + 1), (y + 1) * (width + 1))];
        assertEquals(line, [0, ...pixels.subarray(y * width, (y + 1) * width)]);
      }
    }),
    { numRuns: 30 },
  );
});
