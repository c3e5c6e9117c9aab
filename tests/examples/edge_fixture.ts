/**
 * Requests to the edge server, and what it must answer to them, made by the library directly.
 *
 * @module
 */
import { encodeSafetensors, layersManifest, manifestText, remakeSafetensors } from "@fanin/fanin";
import { testGpu } from "../gpu_fixture.ts";

/** XOR: four rows, two classes. */
export const XOR = { features: [[0, 0], [0, 1], [1, 0], [1, 1]], labels: [0, 1, 1, 0] };

/** A manifest of a small network. */
export function recipe(seed = 0, init = "torch_linear", layers = [20, 16, 3]): string {
  return manifestText(layersManifest(layers, init, seed % 2 === 0 ? "philox" : "threefry", seed));
}

/** The file of that network, drawn by the library in this process. */
export async function fileOf(
  seed = 0,
  init = "torch_linear",
  layers = [20, 16, 3],
): Promise<Uint8Array<ArrayBuffer>> {
  const manifest = layersManifest(layers, init, seed % 2 === 0 ? "philox" : "threefry", seed);
  return await joined(await Array.fromAsync(remakeSafetensors(await testGpu(), manifest)));
}

/** A file of zeros of these shapes. */
export function zeros(shapes: Record<string, number[]>): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = Object.entries(shapes).map(([name, shape]) =>
    [name, { dtype: "F32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const
  );
  return joined(encodeSafetensors(tensors));
}

async function joined(chunks: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob([...chunks] as BlobPart[]).arrayBuffer());
}

/** The events of a stream. */
export function eventsOf(text: string): { event: string; data: Record<string, unknown> }[] {
  return text.split("\n\n").slice(0, -1).map((part) => {
    const [event, data] = part.split("\n");
    return { event: event.slice("event: ".length), data: JSON.parse(data.slice("data: ".length)) };
  });
}

/** One figure of the metrics; 0 where there is none yet. */
export function metric(text: string, name: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`fanin_edge_${name} `));
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}

/** A refused manifest with another shape in it: a text, since JSON has no such numbers. */
export function withShape(shape: string): string {
  return `{"fanin":"0.1.0","generator":"philox","seed":"0","tensors":[{"name":"w","shape":${shape},"init":"normal"}]}`;
}

/** Requests that cannot be answered, with the status that says so. */
export async function hostile(): Promise<[path: string, body: BodyInit, status: number, says: string][]> {
  const file = await fileOf(), cut = file.slice(0, file.length - 1), manifest = recipe();
  const claims = new Uint8Array(64);
  new DataView(claims.buffer).setBigUint64(0, 2n ** 53n, true);
  const train = (more: object) => JSON.stringify({ ...XOR, ...more });
  return [
    ["/init", "", 400, "no JSON"],
    ["/init", "[]", 400, "not an object"],
    ["/init", manifest.slice(0, -1), 400, "no JSON"],
    ["/init", '{"__proto__":{"generator":"philox"}}', 400, "unknown key"],
    ["/init", manifest.replace('"seed"', '"constructor":1,"seed"'), 400, "unknown key"],
    ["/init", manifest.replace('"philox"', '"toString"'), 400, "unknown generator"],
    ["/init", withShape("[9007199254740992]"), 400, "below 2^53"],
    ["/init", withShape("[9007199254740991]"), 400, "product below 2^51"],
    ["/init", withShape("[1e15]"), 400, "to be drawn"],
    ["/init", withShape("[2049,2049]"), 400, "4198401 elements"],
    ["/init", "[".repeat(5000), 400, "nested"],
    ["/init", Uint8Array.of(0xff, 0xfe), 400, "UTF-8"],
    ["/init", new Uint8Array(2 ** 20 + 1), 413, "1048576 bytes"],
    ["/diagnose", "", 400, "no header"],
    ["/diagnose", cut, 400, "cut off"],
    ["/diagnose", claims, 400, "claims"],
    ["/diagnose", manifest, 400, "claims"],
    ["/diagnose", await zeros({ "a": [3] }), 400, "has no linear layer"],
    ["/diagnose", await zeros({ "0.weight": [2, 3], "2.weight": [2, 3] }), 400, "layer 0 gives 2"],
    ["/diagnose", await zeros({ "0.weight": [4097, 1] }), 400, "4097 numbers in a layer"],
    ["/train", "null", 400, "no object"],
    ["/train", '{"__proto__":1}', 400, "unknown key"],
    ["/train", train({ hidden: [2 ** 53] }), 400, "hidden is [9007199254740992]"],
    ["/train", train({ hidden: [2 ** 40] }), 400, "this server takes 4096"],
    ["/train", train({ hidden: Array(64).fill(2) }), 400, "65 layers"],
    ["/train", train({ hidden: [4000, 4000] }), 400, "parameters"],
    ["/train", train({ epochs: 1001 }), 400, "1001 epochs"],
    ["/train", train({ features: [[1], [1, 2], [1], [1]] }), 400, "row 1 is not 1 numbers"],
    ["/train", train({ features: [[1e39], [1], [1], [1]] }), 400, "row 0, column 0"],
    ["/train", train({ labels: [0, 1] }), 400, "labels"],
    ["/train", train({ labels: [0, 1, 1, 4e9] }), 400, "classes"],
    ["/train", '{"features":[],"labels":[]}', 400, "features"],
    ["/train", train({ lr: "1" }), 400, "lr is"],
    ["/train", train({ lr: -1 }), 400, "lr = -1"],
    ["/train", train({ init: "constructor" }), 400, "unknown initialiser"],
    ["/train", train({ seed: "1e400" }), 400, "seed"],
    ["/train", train({ optimizer: "__proto__" }), 400, "optimizer"],
  ];
}

/** Waits. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
