import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { diagnose, type DiagnoseOptions, type Diagnosis, type Finding } from "../../src/diagnose/mod.ts";
import { ArgumentError } from "../../src/gpu/mod.ts";
import { initializerByName, normal, ones, torchLinear } from "../../src/init/mod.ts";
import { type ActivationName, Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { adam, type Optimizer, sgd } from "../../src/train/mod.ts";
import { testGpu } from "../gpu_fixture.ts";
import { diagnoseDrawn, HEALTHY, randomBatch, USUAL } from "./false_alarms.ts";

interface Trial {
  widths: readonly number[];
  init?: string;
  seed?: number;
  activation?: ActivationName;
  /** Changes the drawn weights. */
  change?: (network: Mlp, values: Map<string, Float32Array<ArrayBuffer>>) => void;
}

async function diagnosed(
  { widths, init = "kaiming_normal", seed = 0, activation, change }: Trial,
): Promise<Diagnosis> {
  const gpu = await testGpu(), initializer = initializerByName(init);
  using network = new Mlp(gpu, widths, activation);
  await network.initialize(initializer, key(seed));
  if (change !== undefined) change(network, await network.read());
  return await diagnose(gpu, network, randomBatch(widths, seed), change ? {} : { initializer });
}

function codes({ findings }: Diagnosis): string[] {
  return findings.map(({ code, severity, layer }) => `${severity} ${code} ${layer}`);
}

function one({ findings }: Diagnosis, code: string): Finding {
  const found = findings.find((finding) => finding.code === code);
  assert(found, `${code} in ${findings.map((f) => f.code)}`);
  return found;
}

for (const widths of USUAL) {
  Deno.test(`a healthy network is ok: ${widths.join("-")}`, async () => {
    const gpu = await testGpu();
    // The large ones take their time; seeds differ so that all of them together are a sample.
    const seeds = widths[0] === 784 ? [1] : [1, 2];
    for (const healthy of HEALTHY) {
      for (const seed of seeds) {
        const { verdict, findings, layers } = await diagnoseDrawn(gpu, widths, healthy, seed);
        assertEquals([verdict, findings], ["ok", []], `${healthy} ${seed}`);
        assertEquals(layers.map(({ shape }) => shape[0]), widths.slice(1));
        assert(layers.every(({ predicted, secondMoment }) => predicted !== null && secondMoment !== null));
        for (const { updateRatio } of layers) {
          assert(updateRatio! > 1e-5 && updateRatio! < 0.3, `${updateRatio}`);
        }
      }
    }
  });
}

Deno.test("zeros: clones, no gradient, no signal", async () => {
  const diagnosis = await diagnosed({ widths: [6, 5, 4, 3], init: "zeros" });
  assertEquals(diagnosis.verdict, "fail");
  assertEquals(codes(diagnosis), [
    "fail clones 0",
    "fail clones 2",
    "fail zero-gradient 0",
    "fail vanishing 0",
    "fail dead-units 0",
    "fail dead-units 2",
  ]);
  assertEquals(diagnosis.layers[0].cloneGroups, [[0, 1, 2, 3, 4]]);
  assertEquals(diagnosis.layers.map(({ effectiveWidth }) => effectiveWidth), [1, 1, 3]);
});

Deno.test("ones: one neuron copied; its message is the certificate", async () => {
  const { message, remedy } = one(await diagnosed({ widths: [6, 5, 3], init: "ones" }), "clones");
  assertEquals(
    message,
    "layer 0: neurons 0, 1, 2, 3, 4 (5 of 5) are equal bit for bit in incoming weights, bias and outgoing weights, " +
      "so any data gives them equal gradients and no elementwise optimiser can ever part them",
  );
  assertStringIncludes(remedy, "fanin init --init kaiming_normal");
});

Deno.test("a few clones are a warning, half a layer of them a failure", async () => {
  for (const [copies, severity] of [[1, "warn"], [5, "fail"]] as const) {
    const diagnosis = await diagnosed({
      widths: [12, 10, 4],
      change: (network, values) => {
        const weight = values.get("0.weight")!, next = values.get("2.weight")!;
        for (let j = 1; j <= copies; j++) {
          weight.copyWithin(j * 12, 0, 12);
          for (let o = 0; o < 4; o++) next[o * 10 + j] = next[o * 10];
        }
        network.write("0.weight", weight);
        network.write("2.weight", next);
      },
    });
    assertEquals(one(diagnosis, "clones").severity, severity);
    assertEquals(diagnosis.layers[0].effectiveWidth, 10 - copies);
  }
});

Deno.test("equal incoming weights with different outgoing ones are a warning, and the same draws", async () => {
  const diagnosis = await diagnosed({
    widths: [12, 10, 4],
    change: (network, values) => {
      const weight = values.get("0.weight")!;
      weight.copyWithin(36, 0, 12);
      network.write("0.weight", weight);
    },
  });
  assertEquals(diagnosis.layers[0].inputOnlyDuplicates, [[0, 3]]);
  assertEquals(codes(diagnosis), ["fail repeated-draws 0", "warn input-duplicates 0"]);
});

Deno.test("two layers from one stream are a failure", async () => {
  const diagnosis = await diagnosed({
    widths: [16, 16, 16, 4],
    change: (network, values) => network.write("2.weight", values.get("0.weight")!),
  });
  assertEquals(codes(diagnosis), ["fail repeated-draws 2"]);
  assertStringIncludes(one(diagnosis, "repeated-draws").message, "2.weight equals 0.weight bit for bit");
});

Deno.test("a neuron that is another one times a constant is a warning under ReLU, not under tanh", async () => {
  for (const [activation, expected] of [["relu", true], ["tanh", false]] as const) {
    const diagnosis = await diagnosed({
      widths: [6, 8, 4],
      activation,
      change: (network, values) => {
        const weight = values.get("0.weight")!;
        for (let i = 0; i < 6; i++) weight[12 + i] = 3 * weight[i];
        network.write("0.weight", weight);
      },
    });
    assertEquals(codes(diagnosis).includes("warn proportional 0"), expected);
  }
});

Deno.test("a scale too small vanishes both ways, one too large explodes, an enormous one is not finite", async () => {
  const small = await diagnosed({ widths: [32, 64, 64, 64, 4], init: "normal:0.001" });
  assertEquals(codes(small), ["fail vanishing 2", "fail vanishing 0"]);
  assertStringIncludes(small.findings[1].message, "the gradient vanishes on its way back");
  const large = await diagnosed({ widths: [784, 128, 64, 10], init: "normal:1" });
  assertEquals(codes(large), ["fail exploding 4"]);
  const some = await diagnosed({ widths: [784, 128, 64, 10], init: "normal:0.15" });
  assertEquals(codes(some), []);
  const enormous = await diagnosed({ widths: [32, 64, 64, 4], init: "normal:1e30" });
  assertEquals(codes(enormous)[0], "fail not-finite 2");
  assertEquals(enormous.layers[1].secondMoment, null);
});

/** Gives the first neurons of the first layer a bias. */
function biased(count: number, bias: number): Trial["change"] {
  return (network, values) => {
    const { length } = values.get("0.bias")!;
    network.write("0.bias", Float32Array.from({ length }, (_, i) => i < count ? bias : 0));
  };
}

Deno.test("a huge bias in the first layer: tiny weights above it vanish, healthy ones do not", async () => {
  const widths = [16, 64, 64, 4];
  const tiny = await diagnosed({ widths, init: "normal:0.001", change: biased(64, 1e3) });
  assertEquals(tiny.verdict, "fail");
  assertEquals(tiny.findings.filter(({ code }) => code === "vanishing").length, 2);
  assert(codes(tiny).includes("fail collapsed 0"), "of a thousand and a little all inputs are one");
  // Its ReLU is dead: a z of ten thousand of which nothing passes is no signal that the layers above have lost.
  for (const bias of [-1e3, -1e4, -1e6]) {
    assertEquals(codes(await diagnosed({ widths, change: biased(1, bias) })), [], `${bias}`);
  }
  const far = await diagnosed({ widths, init: "xavier_uniform", activation: "tanh", change: biased(8, 1e4) });
  assertEquals(codes(far), []);
  const saturated = await diagnosed({
    widths,
    init: "xavier_uniform",
    activation: "tanh",
    change: biased(64, 1e4),
  });
  assert(!codes(saturated).some((code) => code.includes("vanishing")));
  assert(codes(saturated).includes("fail saturated 0"));
  const alive = await diagnosed({ widths, init: "normal:0.001", change: biased(1, -1e4) });
  assert(codes(alive).some((code) => code.startsWith("fail vanishing")), "the others vanish all the same");
});

Deno.test("PyTorch's default in great depth keeps its variance and loses its inputs", async () => {
  const diagnosis = await diagnosed({ widths: [...Array(21).fill(64), 10], init: "torch_linear" });
  assertEquals(one(diagnosis, "collapsed").severity, "fail");
});

Deno.test("biases far below 0 kill ReLUs; a large scale saturates tanh", async () => {
  const kill = (count: number) => ({
    widths: [16, 64, 4],
    change: (network: Mlp) =>
      network.write("0.bias", Float32Array.from({ length: 64 }, (_, i) => i < count ? -10 : 0)),
  });
  assertEquals(codes(await diagnosed(kill(30))), []);
  assertEquals(codes(await diagnosed(kill(60))), ["warn dead-units 0"]);
  assertEquals(one(await diagnosed(kill(64)), "dead-units").severity, "fail");
  const tanh = await diagnosed({ widths: [100, 50, 4], init: "normal:1", activation: "tanh" });
  assertEquals(one(tanh, "saturated").severity, "warn");
});

Deno.test("weights that are not from the initialiser named are off theory", async () => {
  const gpu = await testGpu(), widths = [256, 256, 256, 10];
  using network = new Mlp(gpu, widths);
  await network.initialize(torchLinear(), key(0));
  const diagnosis = await diagnose(gpu, network, randomBatch(widths, 0), { initializer: normal(0.06) });
  assertEquals(codes(diagnosis), ["warn off-theory 0"]);
});

Deno.test("names of a file stand in every finding; without labels nothing is measured backward", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [6, 5, 3]);
  await network.initialize(ones(), key(0));
  const { features } = randomBatch([6, 5, 3], 0), names = ["1", "7"];
  using onDevice = gpu.buffer("features", "f32", features.length, features as Float32Array<ArrayBuffer>);
  const { findings, layers, rows } = await diagnose(gpu, network, { features: onDevice }, { names });
  assertEquals(rows, 256);
  assertEquals(layers.map(({ name, gradientMoment, predicted }) => [name, gradientMoment, predicted]), [
    ["1", null, null],
    ["7", null, null],
  ]);
  assert(
    findings.every(({ layer, message }) => message.startsWith(`layer ${layer}: `) && names.includes(layer)),
  );
  await assertRejects(
    () => diagnose(gpu, network, { features }, { names: ["1"] }),
    ArgumentError,
    "1 names for 2 layers",
  );
});

Deno.test("an update that is far too long or short is found, the layer named, and told with a command", async () => {
  const gpu = await testGpu(), widths = [64, 32, 4], batch = randomBatch(widths, 3);
  using network = new Mlp(gpu, widths);
  await network.initialize(initializerByName("kaiming_normal"), key(3));
  const of = (
    optimizer: Optimizer,
    more: DiagnoseOptions = { initializer: initializerByName("kaiming_normal") },
  ) => diagnose(gpu, network, batch, { ...more, optimizer });
  const at = await of(sgd({ lr: 1 })), ratios = at.layers.map(({ updateRatio }) => updateRatio!);
  const [long, short] = [Math.max(...ratios), Math.min(...ratios)];
  const layerOf = (ratio: number) => at.layers[ratios.indexOf(ratio)].name;
  // Just below the thresholds and just above them.
  assertEquals(codes(await of(sgd({ lr: 0.98 / long }))), []);
  assertEquals(codes(await of(sgd({ lr: 1.02 / long }))), [`warn update-ratio ${layerOf(long)}`]);
  assertEquals(codes(await of(sgd({ lr: 2e-6 / short }))), []);
  const slow = await of(sgd({ lr: 0.5e-6 / short }));
  assertEquals(codes(slow), [`warn update-ratio ${layerOf(short)}`]);
  assertMatch(
    one(slow, "update-ratio").message,
    /^layer \d: the first step of sgd lr .* moves its weights by .*e-7 of their length, so that they hardly move$/,
  );
  const [fast] = (await of(sgd({ lr: 30 / long }))).findings;
  assertMatch(fast.message, /moves its weights by (30|29\.9|30\.1) times their length/);
  // The command leads to where the next diagnosis has nothing to say.
  const lr = Number(/fanin train --optimizer sgd --lr (\S+);/.exec(fast.remedy)![1]);
  assertEquals(codes(await of(sgd({ lr }))), []);
  // Out of float32's range, with a gradient of the loss that is given: the learning rate to begin with is the usual one.
  const { labels: _, ...rest } = batch,
    outputGradient = new Float32Array(256 * 4).map((_, i) => 1000 * (i % 7 - 3));
  const lost = await diagnose(gpu, network, { ...rest, outputGradient }, {
    optimizer: adam({ lr: 3e38, eps: 1e-30 }),
  });
  assertEquals(codes(lost), ["fail update-ratio 0"]);
  assertMatch(lost.findings[0].message, /out of float32's range/);
  assertMatch(lost.findings[0].remedy, /fanin train --optimizer adam --lr 0\.001;/);
  // A network whose initialiser is not known may be trained, and has small gradients then.
  assertEquals(codes(await of(sgd({ lr: 1e-9 }), {})), []);
  // Where the signal explodes, so do the updates: one finding, and the signal's remedy.
  await network.initialize(normal(3), key(3));
  const exploding = await of(sgd({ lr: 1e6 }), { initializer: normal(3) });
  assert(exploding.layers.some(({ updateRatio }) => updateRatio! > 1));
  assert(codes(exploding).every((code) => !code.includes("update-ratio")), `${codes(exploding)}`);
});

Deno.test("every finding has its threshold and the threshold's source in the table", async () => {
  const source = await Deno.readTextFile(new URL("../../src/diagnose/report_data.ts", import.meta.url));
  const table = await Deno.readTextFile(new URL("../../src/diagnose/THRESHOLDS.md", import.meta.url));
  const union = /export type FindingCode =([^;]*);/.exec(source)![1];
  const codes = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  const rows = table.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
    line.split("|").map((cell) => cell.trim())
  );
  assertEquals(rows.map(([, code]) => code.replaceAll("`", "")).toSorted(), codes.toSorted());
  for (const [, code, warn, fail, from] of rows) assert(warn + fail !== "" && from.length > 10, code);
});
