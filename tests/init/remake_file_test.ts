import { assertEquals } from "@std/assert";
import { fileHeader, fileSize } from "../../src/cli/weights_file.ts";
import {
  layersManifest,
  type Manifest,
  manifestHeader,
  remake,
  remakeSafetensors,
  shapeManifest,
} from "../../src/init/mod.ts";
import { asFloat32, parseSafetensors } from "../../src/tensor/mod.ts";
import { testGpu } from "../gpu_fixture.ts";

const MANIFESTS: Manifest[] = [
  layersManifest([7, 5, 3], "torch_linear"),
  layersManifest([7, 5, 3], "orthogonal", "threefry", 3),
  layersManifest([7, 5, 3], "kaiming_normal", "mt19937", 3),
  { ...shapeManifest("w", [11, 13], "normal:2"), range: [5, 100] },
];

Deno.test("a manifest's file in chunks: the header that fanin init writes, then the very elements of remake", async () => {
  const gpu = await testGpu();
  for (const manifest of MANIFESTS) {
    const chunks = await Array.fromAsync(remakeSafetensors(gpu, manifest, { pieceElements: 8 }));
    const file = new Uint8Array(await new Blob(chunks).arrayBuffer());
    assertEquals(chunks[0], fileHeader("w.safetensors", manifest));
    assertEquals(file.length, fileSize("w.safetensors", manifest));
    const whole = new Map<string, number[]>(manifest.tensors.map(({ name }) => [name, []]));
    for await (const { name, values } of remake(gpu, manifest)) whole.get(name)!.push(...values);
    const { tensors } = parseSafetensors(file);
    for (const [name, values] of whole) assertEquals([...asFloat32(tensors.get(name)!)], values);
  }
});

Deno.test("a manifest's header: a shard has one dimension, data lies in the manifest's order", () => {
  assertEquals(manifestHeader(MANIFESTS[3]).tensors.get("w")!.shape, [95]);
  assertEquals([...manifestHeader(MANIFESTS[0]).tensors.keys()], [
    "0.weight",
    "0.bias",
    "2.weight",
    "2.bias",
  ]);
});
