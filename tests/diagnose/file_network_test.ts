import { assertEquals, assertThrows } from "@std/assert";
import { networkOfFile, normalBatch } from "../../src/diagnose/mod.ts";
import { FormatError, ShapeError } from "../../src/gpu/errors.ts";
import { layersManifest, remakeSafetensors } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { encodeSafetensors, parseSafetensors } from "../../src/tensor/mod.ts";
import { testGpu } from "../gpu_fixture.ts";

async function bytesOf(chunks: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob([...chunks] as BlobPart[]).arrayBuffer());
}

/** A file of zeros of these shapes. */
async function fileOf(shapes: Record<string, number[]>, metadata: Record<string, string> = {}) {
  const tensors = Object.entries(shapes).map(([name, shape]) =>
    [name, { dtype: "F32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const
  );
  return parseSafetensors(await bytesOf(encodeSafetensors(tensors, metadata)));
}

Deno.test("a file of fanin init is a network with its initialiser, and its weights arrive", async () => {
  const gpu = await testGpu(), manifest = layersManifest([5, 4, 3], "kaiming_normal", "philox", 7);
  const file = parseSafetensors(await bytesOf(await Array.fromAsync(remakeSafetensors(gpu, manifest))));
  const found = networkOfFile(file);
  assertEquals([found.widths, found.names, `${found.initializer}`], [
    [5, 4, 3],
    ["0", "2"],
    "kaiming_normal",
  ]);
  using network = new Mlp(gpu, found.widths);
  found.write(network);
  const manifestBytes = [...file.tensors].map(([name, { data }]) => [name, [...data]]);
  const written = [...await network.read()].map(([name, v]) => [name, [...new Uint8Array(v.buffer)]]);
  assertEquals(written, manifestBytes);
});

Deno.test("layers go by their numbers, a bias may be missing, and what is no part of the network is listed", async () => {
  const shapes = {
    "10.weight": [2, 4],
    "10.bias": [2],
    "9.weight": [4, 3],
    "9.bias": [5],
    "conv.weight": [1],
  };
  const { widths, names, initializer, notUnderstood } = networkOfFile(await fileOf(shapes));
  assertEquals([widths, names, initializer], [[3, 4, 2], ["9", "10"], undefined]);
  assertEquals(notUnderstood.toSorted(), ['"9.bias" F32 [5]', '"conv.weight" F32 [1]']);
});

Deno.test("metadata of other programs and of the object's prototype is no recipe", async () => {
  for (const metadata of [{}, { fanin: "0.1.0" }, { fanin: "{" }, { fanin: '{"fanin":"9.9.9"}' }]) {
    const file = await fileOf({ "0.weight": [2, 3] }, metadata as Record<string, string>);
    assertEquals(networkOfFile(file).initializer, undefined);
  }
});

Deno.test("a file without a layer, with a gap between layers, or for another network is refused", async () => {
  const empty = await fileOf({}),
    other = await fileOf({ "a": [1], "b": [1], "c": [1], "d": [], "e": [], "f": [] });
  assertThrows(() => networkOfFile(empty), FormatError, "it is empty");
  assertThrows(() => networkOfFile(other), FormatError, "and 1 more");
  const gap = await fileOf({ "0.weight": [4, 3], "2.weight": [2, 5] });
  assertThrows(() => networkOfFile(gap), ShapeError, "layer 0 gives 4 numbers and layer 2 takes 5");
  const file = networkOfFile(await fileOf({ "0.weight": [4, 3] })), gpu = await testGpu();
  using deeper = new Mlp(gpu, [3, 4, 2]);
  using wider = new Mlp(gpu, [3, 5]);
  for (const network of [deeper, wider]) assertThrows(() => file.write(network), ShapeError);
});

Deno.test("the normal batch is the stream of inputs of seed 0, with labels in turn", () => {
  const { features, labels } = normalBatch(3, 2, 5);
  const drawn = drawOnHost(key(0).stream("inputs"), { kind: "normal", mean: 0, std: 1 }, { count: 15 });
  assertEquals([[...features], [...labels]], [[...drawn], [0, 1, 0, 1, 0]]);
  assertEquals(normalBatch(3, 2).labels.length, 256);
});
