import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { networkOfFile, normalBatch } from "../../src/diagnose/mod.ts";
import { moduleOrder } from "../../src/diagnose/module_order.ts";
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
  assertEquals(notUnderstood.toSorted(), [
    '"9.bias" F32 [5]: no bias of 4 numbers',
    '"conv.weight" F32 [1]: no matrix',
  ]);
});

/** The layers' names and the widths that are found in a file of these shapes. */
async function found(
  shapes: Record<string, number[]>,
): Promise<[names: readonly string[], widths: readonly number[]]> {
  const { names, widths } = networkOfFile(await fileOf(shapes));
  return [names, widths];
}

Deno.test("names with modules before them are one chain: Sequentials, named layers, a transformer's", async () => {
  const net = { "net.0.weight": [8, 4], "net.0.bias": [8], "net.10.weight": [3, 8], "net.2.weight": [8, 8] };
  assertEquals(await found(net), [["net.0", "net.2", "net.10"], [4, 8, 8, 3]]);
  const named = { "fc1.weight": [8, 4], "fc10.weight": [6, 6], "fc2.weight": [6, 8], "out.weight": [3, 6] };
  assertEquals(await found(named), [["fc1", "fc2", "fc10", "out"], [4, 8, 6, 6, 3]]);
  const encoder = Object.fromEntries([0, 10, 2].flatMap((i) => [
    [`encoder.layers.${i}.linear1.weight`, [16, 4]],
    [`encoder.layers.${i}.linear2.weight`, [4, 16]],
    [`encoder.layers.${i}.norm1.weight`, [4]],
  ]));
  const layers = [0, 2, 10].flatMap((i) => [1, 2].map((j) => `encoder.layers.${i}.linear${j}`));
  assertEquals(await found(encoder), [layers, [4, 16, 4, 16, 4, 16, 4]]);
});

Deno.test("of two chains the longer is the network, of equal ones the first; the rest is told with its reason", async () => {
  const shapes = {
    "embed.weight": [50, 6],
    "pi.0.weight": [8, 4],
    "pi.0.bias": [8],
    "pi.2.weight": [2, 8],
    "pi.2.bias": [3],
    "vf.0.weight": [8, 4],
    "vf.0.bias": [8],
    "vf.2.weight": [1, 8],
    "norm.weight": [4],
    "norm.bias": [4],
    "attn.in_proj_weight": [12, 4],
    "empty.weight": [0, 1],
  };
  const { names, widths, notUnderstood } = networkOfFile(await fileOf(shapes));
  assertEquals([names, widths], [["pi.0", "pi.2"], [4, 8, 2]]);
  const chain = 'it is not in the chain from "pi.0" to "pi.2"';
  assertEquals(notUnderstood, [
    `"embed.weight" F32 [50,6]: ${chain}`,
    '"pi.2.bias" F32 [3]: no bias of 2 numbers',
    `"vf.0.weight" F32 [8,4]: ${chain}`,
    `"vf.0.bias" F32 [8]: ${chain}`,
    `"vf.2.weight" F32 [1,8]: ${chain}`,
    '"norm.weight" F32 [4]: no matrix',
    '"norm.bias" F32 [4]: its layer has no weight that is a matrix',
    '"attn.in_proj_weight" F32 [12,4]: no weight or bias of a linear layer',
    '"empty.weight" F32 [0,1]: it is empty',
  ]);
  const longer = { ...shapes, "vf.4.weight": [1, 1] };
  assertEquals((await found(longer))[0], ["vf.0", "vf.2", "vf.4"]);
  // Bare numbers are a Sequential of their own, whatever else there is.
  assertEquals((await found({ ...shapes, "0.weight": [5, 3] }))[0], ["0"]);
  const unlike = await fileOf({ "a.weight": [5, 3], "b.weight": [7, 9] });
  assertThrows(() => networkOfFile(unlike), ShapeError, "layer a gives 5 numbers and layer b takes 9");
});

Deno.test("a layer of another type is told, and what training keeps beside the weights is no layer", async () => {
  const data = new Uint16Array(12);
  const half = parseSafetensors(
    await bytesOf(encodeSafetensors([
      ["fc1.weight", { dtype: "F16", shape: [4, 3], data }],
      ["fc2.weight", { dtype: "F32", shape: [2, 4], data: new Float32Array(8) }],
    ] as never)),
  );
  assertEquals(networkOfFile(half).notUnderstood, ['"fc1.weight" F16 [4,3]: its type is not float32']);
  const state = { "net.0.weight": [4, 3], "net.2.weight": [2, 4], "optimizer.velocity.net.0.weight": [4, 3] };
  const { names, notUnderstood } = networkOfFile(await fileOf(state, { checkpoint: "{}" }));
  assertEquals([names, notUnderstood], [["net.0", "net.2"], []]);
});

Deno.test("modules stand by their numbers and else as they come", () => {
  assertEquals(moduleOrder(["b", "a.x", "fc10", "c", "fc2", "a.w", "fc1"]), [
    "b",
    "a.x",
    "a.w",
    "fc1",
    "c",
    "fc2",
    "fc10",
  ]);
  const name = fc.array(fc.constantFrom("a", "b", "0", "2", "10", "l1", "l12"), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(fc.property(fc.uniqueArray(name.map((parts) => parts.join(".")), { maxLength: 20 }), (names) => {
    const order = moduleOrder(names);
    assertEquals(order.toSorted(), names.toSorted());
    assertEquals(moduleOrder(order), order);
  }));
  const numbers = fc.uniqueArray(fc.nat(999_999_999), { maxLength: 30 });
  fc.assert(fc.property(numbers, (all) => {
    const order = moduleOrder(all.map((n) => `net.block${n}.linear`));
    assertEquals(order, all.toSorted((a, b) => a - b).map((n) => `net.block${n}.linear`));
  }));
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
