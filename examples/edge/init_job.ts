/**
 * `POST /init`: a manifest in, its safetensors file out, drawn and sent piece by piece.
 *
 * @module
 */
import {
  initializerByName,
  layoutOf,
  type Manifest,
  manifestHeader,
  type ManifestTensor,
  parseManifest,
  remakeSafetensors,
  ShapeError,
  sizeOf,
} from "@fanin/fanin";
import type { Job } from "./serve_jobs.ts";
import { textOf } from "./text.ts";

/** Elements of a piece: 1 MiB, so that an answer begins soon and a job stops soon. */
const PIECE_ELEMENTS = 2 ** 18;

/** Draws what a manifest asks for. */
export const initJob: Job = (gpu, body, limits) => {
  const manifest = parseManifest(textOf(body)), elements = costOf(manifest);
  if (elements > limits.elements) {
    throw new ShapeError(
      `${elements} elements to be drawn, and this server draws ${limits.elements} at most`,
      "ask for a shard with a range, or for fewer tensors at once",
    );
  }
  const { bytes, tensors } = manifestHeader(manifest);
  const data = Math.max(...[...tensors.values()].map(({ end }) => end));
  const chunks = remakeSafetensors(gpu, manifest, { pieceElements: PIECE_ELEMENTS });
  return { length: bytes.length + data, chunks: onceDrawn(chunks) };
};

/** The header waits for the first elements: what fails before there are any still has a status of its own. */
async function* onceDrawn(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let header: Uint8Array<ArrayBuffer> | undefined, begun = false;
  for await (const chunk of chunks) {
    if (header === undefined) header = chunk;
    else {
      if (!begun) yield header;
      begun = true;
      yield chunk;
    }
  }
}

/** A shard of what is drawn element by element costs no more than it holds, however large its tensor is. */
function costOf({ tensors, range, generator }: Manifest): number {
  const isWhole = (tensor: ManifestTensor) => generator === "mt19937" || isComputed(tensor, generator);
  return tensors.reduce(
    (sum, tensor) =>
      sum + (range === undefined || isWhole(tensor) ? sizeOf(tensor.shape) : range[1] - range[0]),
    0,
  );
}

function isComputed({ init, shape, biasOf }: ManifestTensor, generator: Manifest["generator"]): boolean {
  const initializer = initializerByName(init), place = { layout: layoutOf(generator) };
  const filling = biasOf === undefined ? initializer.weight(shape, place) : initializer.bias(biasOf, place);
  return filling.kind === "computed";
}
