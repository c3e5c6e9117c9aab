/**
 * The readers of files, each with real files to be damaged and what may be made of a header's pieces.
 *
 * @module
 */
import { loadIris } from "../../src/data/iris.ts";
import { parseCsv } from "../../src/data/csv.ts";
import { asFloat32, encodeSafetensors, parseSafetensors, readNpy } from "../../src/tensor/mod.ts";
import { layersManifest, manifestText, parseManifest } from "../../src/init/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { numpyFile, numpyFiles } from "../tensor/npy_files.ts";

/** A reader and what it reads. */
export interface Reader {
  /** Files as they should be. */
  readonly files: readonly Uint8Array[];
  /** Reads one, with all that it holds. */
  readonly read: (bytes: Uint8Array<ArrayBuffer>) => unknown;
}

const encoder = new TextEncoder(), decoder = new TextDecoder();

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function safetensorsFiles(): Uint8Array[] {
  const f32 = (shape: number[], name: string) => {
    const count = shape.reduce((n, size) => n * size, 1);
    const data = drawOnHost(key(0).stream(name), { kind: "bounded", bound: 0.5 }, { count });
    return [name, { dtype: "F32", shape, data: data as Float32Array<ArrayBuffer> }] as const;
  };
  const network = [[3, 4], [3], [2, 3], [2]].map((shape, i) =>
    f32(shape, `${i & ~1}.${i % 2 ? "bias" : "weight"}`)
  );
  const odd = ["n", { dtype: "I64", shape: [], data: new BigInt64Array(1) }] as const;
  return [
    concat(encodeSafetensors(network, { format: "pt", checkpoint: '{"step":3}' })),
    concat(encodeSafetensors([f32([2, 1], "0.weight"), odd], {})),
    concat(encodeSafetensors([], {})),
  ];
}

async function csvFiles(): Promise<Uint8Array[]> {
  const { features, labels, classNames, columns } = await loadIris();
  const rows = [...labels].filter((_, i) => i % 15 === 0).map((label, i) =>
    [...features.subarray(15 * i * columns, (15 * i + 1) * columns), classNames![label]].join()
  );
  return [`sepal length,b,c,d,species\n${rows.join("\n")}\n`, 'a,"b",y\n1,2,0\r\n"3",4.5e1,1\n'].map((text) =>
    encoder.encode(text)
  );
}

function manifestFiles(): Uint8Array[] {
  return [
    layersManifest([12, 34, 5], "kaiming_uniform:fan_out,relu", "mt19937", 99n),
    layersManifest([784, 10], "torch_linear", "philox", 0n),
  ].map((manifest) => encoder.encode(manifestText(manifest)));
}

/** The readers by name. */
export async function readers(): Promise<Record<string, Reader>> {
  return {
    safetensors: {
      files: safetensorsFiles(),
      read: (bytes) => {
        const { tensors } = parseSafetensors(bytes);
        return [...tensors.values()].filter(({ dtype }) => dtype === "F32").map(asFloat32);
      },
    },
    npy: { files: numpyFiles.map(numpyFile), read: readNpy },
    csv: { files: await csvFiles(), read: (bytes) => parseCsv(decoder.decode(bytes)) },
    manifest: { files: manifestFiles(), read: (bytes) => parseManifest(decoder.decode(bytes)) },
  };
}
