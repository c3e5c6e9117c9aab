/**
 * The job "diagnosis": networks that cannot learn, and one that can.
 *
 * @module
 */
import { diagnose, type Diagnosis } from "../../src/diagnose/mod.ts";
import type { Gpu } from "../../src/gpu/mod.ts";
import { type Initializer, kaimingNormal, normal, ones, zeros } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { sgd } from "../../src/train/mod.ts";

/** A network that was judged. */
export interface Diagnosed {
  /** What its weights were drawn from. */
  init: string;
  /** The verdict with its findings. */
  diagnosis: Diagnosis;
}

const WIDTHS = [12, 40, 40, 4], ROWS = 256;

/** Judges four networks on random rows. */
export async function diagnoseAll(gpu: Gpu): Promise<Diagnosed[]> {
  const standard = { kind: "normal", mean: 0, std: 1 } as const;
  const features = drawOnHost(key(3).stream("rows"), standard, { count: ROWS * WIDTHS[0] }) as Float32Array<
    ArrayBuffer
  >;
  const labels = Uint32Array.from({ length: ROWS }, (_, i) => i % 4), judged: Diagnosed[] = [];
  for (const initializer of [zeros(), ones(), normal(), kaimingNormal()] as Initializer[]) {
    using network = new Mlp(gpu, WIDTHS);
    await network.initialize(initializer, key(3));
    const known = { initializer, optimizer: sgd({ lr: 0.05, momentum: 0.9 }) };
    const diagnosis = await diagnose(gpu, network, { features, labels }, known);
    judged.push({ init: `${initializer}`, diagnosis });
  }
  return judged;
}
