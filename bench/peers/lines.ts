/**
 * Lines of a stream of bytes.
 *
 * @module
 */

/**
 * The lines, without their ends; what follows the last end of a line is one too, unless it is empty.
 *
 * @param bytes UTF-8.
 */
export async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
