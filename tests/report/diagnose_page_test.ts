import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import {
  type DiagnosedLayer,
  type Diagnosis,
  type NamedArray,
  type SplitVerdict,
  type Verdict,
  viewWeights,
  type WatchedLayer,
  type WeightView,
} from "../../src/diagnose/mod.ts";
import { type Initializer, torchLinear } from "../../src/init/mod.ts";
import { diagnosePage, type DiagnosisSetting } from "../../src/report/diagnose_page.ts";
import { diagnoseTable } from "../../src/report/diagnose_table.ts";
import { type WatchedTraining, watchTable } from "../../src/report/watch_table.ts";

/** What the tests use of linkedom's document. */
interface Node {
  textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Node>;
}

const HOSTILE = `<script>alert("1")</script>&'\x1b[31m`;

const SETTING: DiagnosisSetting = {
  source: "layers 4-3-2 from ones",
  adapter: "an adapter",
  activation: "relu",
  inputs: "256 rows of iris",
  optimizer: "sgd lr 0.05 momentum 0.9",
  notUnderstood: [],
};

function layer(of: Partial<DiagnosedLayer>): DiagnosedLayer {
  return {
    name: "0",
    shape: [3, 4],
    cloneGroups: [],
    inputOnlyDuplicates: [],
    effectiveWidth: 3,
    effectiveRank: 2.5,
    secondMoment: 0.04,
    gradientMoment: 1e-4,
    cosine: 0.4,
    dead: [1],
    saturated: null,
    updateRatio: 2e-3,
    predicted: null,
    ...of,
  };
}

function diagnosis(of: Partial<Diagnosis> = {}): Diagnosis {
  const predicted = {
    secondMoment: 0.05,
    gradientMoment: 2e-4,
    cosine: 0.4,
    forwardBand: null,
    backwardBand: null,
  };
  const layers = [layer({ predicted }), layer({ name: "2", shape: [2, 3], dead: null, predicted })];
  return { verdict: "ok", findings: [], layers, rows: 256, ...of };
}

function all(page: string, selector: string): Node[] {
  const window: unknown = parseHTML(page);
  return [...(window as { document: Node }).document.querySelectorAll(selector)];
}

const FIGURES = [
  "Signal through the layers",
  "Gradient through the layers",
  "Update to weight, layer by layer",
];

const empty = {
  secondMoment: null,
  gradientMoment: null,
  cosine: null,
  effectiveRank: null,
  updateRatio: null,
};
const VARIANTS: [string, Diagnosis][] = [
  ["ok", diagnosis()],
  ["of one layer", diagnosis({ layers: [layer({ dead: null })] })],
  [
    "of zeros",
    diagnosis({ layers: [layer({ secondMoment: 0, gradientMoment: 0 }), layer({ secondMoment: 0 })] }),
  ],
  ["not finite", diagnosis({ layers: [layer(empty), layer(empty)] })],
  ["of 40 layers", diagnosis({ layers: Array.from({ length: 40 }, (_, i) => layer({ name: `${2 * i}` })) })],
  ["extreme", diagnosis({ layers: [layer({ secondMoment: 1e-60 }), layer({ secondMoment: 1e70 })] })],
  ["extreme updates", diagnosis({ layers: [layer({ updateRatio: 1e-40 }), layer({ updateRatio: 1e38 })] })],
  ["no update", diagnosis({ layers: [layer({ updateRatio: 0 }), layer({ updateRatio: null })] })],
];

for (const [name, of] of VARIANTS) {
  Deno.test(`the page of a diagnosis is whole and needs nothing else: ${name}`, async () => {
    const page = await diagnosePage(of, SETTING);
    for (const word of ["http:", "https:", "<script", "src=", "@import", "url("]) {
      assert(!page.includes(word), word);
    }
    const figures = all(page, "figure").map((figure) => figure.getAttribute("aria-label"));
    assertEquals(figures, FIGURES);
    const pictures = all(page, "figure svg");
    assertEquals(pictures.map((svg) => svg.getAttribute("role")), FIGURES.map(() => "img"));
    assert(pictures.every((svg) => (svg.getAttribute("aria-label") ?? "").length > 20));
    for (const svg of pictures) {
      const drawn = [...svg.querySelectorAll("*")].flatMap((mark) =>
        ["d", "transform", "x", "y"].map((attribute) => mark.getAttribute(attribute))
      );
      assert(!/NaN|undefined|Infinity/.test(drawn.join(" ")), "a mark at no place");
    }
    assertEquals(all(page, "tbody tr").length, of.layers.length);
    assertEquals(
      all(page, "table thead th").length * of.layers.length,
      all(page, "tbody th, tbody td").length,
    );
  });
}

Deno.test("the page says the verdict in words, and each finding with its remedy", async () => {
  const words: Record<Verdict, string> = {
    ok: "Nothing keeps this network from learning",
    warn: "This network may not learn well",
    fail: "This network cannot learn as it is",
  };
  const findings = [
    {
      code: "clones",
      severity: "fail",
      layer: "0",
      message: "layer 0: clones",
      remedy: "--init kaiming_normal",
    },
    { code: "saturated", severity: "warn", layer: "2", message: "layer 2: saturated", remedy: "smaller" },
  ] as const;
  for (const verdict of ["ok", "warn", "fail"] as const) {
    const page = await diagnosePage(
      diagnosis({ verdict, findings: verdict === "ok" ? [] : findings }),
      SETTING,
    );
    assertEquals(all(page, "h1")[0].textContent, words[verdict]);
    assertEquals(all(page, ".card").length, verdict === "ok" ? 0 : 2);
  }
  const page = await diagnosePage(diagnosis({ verdict: "fail", findings }), SETTING);
  assertStringIncludes(all(page, ".lead")[0].textContent, "1 failure and 1 warning");
  assertStringIncludes(all(page, ".card")[0].textContent, "layer 0: clones.");
  assertStringIncludes(all(page, ".card")[0].textContent, "--init kaiming_normal");
});

/** Weights [6, 5] of which rows 1 and 4 are equal. */
function weights(of: Partial<NamedArray> = {}, initializer?: Initializer): WeightView[] {
  const data = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i * i + 1));
  data.copyWithin(20, 5, 10);
  return viewWeights([{ name: "0.weight", shape: [6, 5], data, ...of }], ["0"], initializer);
}

Deno.test("the page shows weights as pictures that it holds itself, and their singular values", async () => {
  const page = await diagnosePage(diagnosis(), SETTING, { weights: weights() });
  const titles = all(page, "figure h2").map(({ textContent }) => textContent);
  assertEquals(titles.slice(3), ["Weights, sorted by similarity", "Singular values of the weights"]);
  const [picture, spectrum] = all(page, "figure svg").slice(3).map((svg) => svg.getAttribute("aria-label"));
  assertStringIncludes(
    picture!,
    "6 neurons of 5 inputs, sorted by similarity: 2 neurons in 1 group are alike",
  );
  assertStringIncludes(spectrum!, "5 singular values of layer 0");
  const images = all(page, "image").map((image) => image.getAttribute("href"));
  assertEquals(images.length, 2);
  assert(images.every((href) => href!.startsWith("data:image/png;base64,")));
  assertStringIncludes(page, "img-src data:");
  assertStringIncludes(page, "independent weights of the same mean square");
  const drawn = await diagnosePage(diagnosis(), SETTING, { weights: weights({}, torchLinear()) });
  assertStringIncludes(drawn, "what the initialiser gives");
});

Deno.test("weights that are zero, not finite, missing or many are drawn without a mark at no place", async () => {
  const filled = (value: number) => weights({ data: new Float32Array(30).fill(value) });
  const cases: [string, WeightView[], number][] = [
    ["zero", filled(0), 2],
    ["one", filled(1), 2],
    ["tiny", filled(1e-38), 2],
    ["huge", filled(3e38), 2],
    ["NaN", filled(NaN), 1],
    ["one infinity", weights({ data: new Float32Array(30).fill(1, 1).fill(Infinity, 0, 1) }), 1],
    ["a single one", weights({ shape: [1, 1], data: Float32Array.of(2) }), 2],
    ["none", weights({ shape: [0, 5], data: new Float32Array(0) }), 2],
    ["40 layers", Array.from({ length: 40 }, () => filled(1)[0]), 24],
    ["300 × 400", weights({ shape: [300, 400], data: new Float32Array(120_000).fill(1) }), 2],
  ];
  for (const [name, views, panels] of cases) {
    const page = await diagnosePage(diagnosis({ layers: [] }), SETTING, { weights: views });
    assertEquals(all(page, "figure svg").length, FIGURES.length + panels, name);
    assert(!/"[^"]*(NaN|undefined|Infinity)[^"]*"/.test(page.replaceAll(/base64,[^"]*/g, "")), name);
    assertEquals(page.includes("not finite</text>"), name === "NaN" || name === "one infinity", name);
    assertEquals(page.includes("the first and the last 6 are drawn"), name === "40 layers");
    assertEquals(page.includes("drawn in 256 × 384 pixels"), name === "300 × 400");
  }
});

/** A watch over 3 samples of a layer of 4 neurons, two of which were clones. */
function watchOf(of: Partial<WatchedLayer> = {}): WatchedTraining {
  const classes = [{ neurons: [0, 2], verdict: "broken", splitAt: 10, largestDifference: 0.5 }] as const;
  const layer = {
    name: "0",
    width: 4,
    distinctNeurons: [3, 4, 4],
    distinctGradients: [1, 3, 4],
    largestCosine: [0.4, 0.5, 0.6],
    classes,
    ...of,
  };
  const parameters = ["0.weight", "0.bias", "2.weight", "2.bias"].map((name, i) => ({
    name,
    updateRatio: [null, 2e-3 * (i + 1), 5e-4],
  }));
  const updates = { steps: [5, 10, 20], parameters };
  return { report: { steps: [0, 10, 20], layers: [layer], updates }, training: "sgd lr 0.05, digits" };
}

Deno.test("the page and the terminal tell what became of clones", async () => {
  const page = await diagnosePage(diagnosis(), SETTING, { watched: watchOf() });
  const labels = all(page, "figure svg").slice(3).map((svg) => svg.getAttribute("aria-label"));
  assertStringIncludes(labels[0]!, "At the end: 0 5.00e-4 and 2 5.00e-4");
  assertStringIncludes(labels[1]!, "At the end: 4 neurons and 4 gradients of 4");
  assertStringIncludes(labels[2]!, "0: 0.600");
  const cells = ["0", "4", "3→4", "3→4", "0.4000→0.6000", "2 neurons in 1 group: broken from step 10"];
  const rows = all(page, "tbody tr").map((row) =>
    [...row.querySelectorAll("th, td")].map(({ textContent }) => textContent)
  );
  assertEquals(rows.at(-3), cells);
  const updates = [["0", "–", "0.00200", "5.00e-4"], ["2", "–", "0.00600", "5.00e-4"]];
  assertEquals(rows.slice(-2), updates);
  const lines = watchTable(watchOf()).split("\n");
  assertEquals(lines[0], "symmetry over 20 steps of sgd lr 0.05, digits");
  assertEquals(lines[4].split(/ {2,}/), cells);
  assertEquals(lines[6], "update to weight over 20 steps of sgd lr 0.05, digits");
  assertEquals(lines.slice(-2).map((line) => line.split(/ {2,}/)), updates);
});

Deno.test("a watch of no clones, of several verdicts, of wide and of no layers", async () => {
  const group = (verdict: SplitVerdict, splitAt: number | null) => ({
    neurons: [0, 1],
    verdict,
    splitAt,
    largestDifference: 0,
  });
  const classes = [
    group("exact", null),
    group("exact", null),
    group("rounding-broken", 4),
    group("broken", 1),
  ];
  const said = (of: Partial<WatchedLayer>) => watchTable(watchOf(of)).split("\n")[4].split(/ {2,}/).at(-1);
  assertEquals(
    said({ classes }),
    "8 neurons in 4 groups: 2 exact, 1 rounding-broken from step 4 and 1 broken from step 1",
  );
  assertEquals(said({ classes: [] }), "–");
  const none = { ...watchOf(), report: { steps: [0], layers: [], updates: { steps: [], parameters: [] } } };
  assertStringIncludes(watchTable(none), "no hidden layer");
  const wide = watchOf({ largestCosine: [null, null, null], name: HOSTILE });
  for (const watched of [none, wide, { ...wide, report: { ...wide.report, steps: [] } }]) {
    const page = await diagnosePage(diagnosis(), SETTING, { watched });
    assert(!/"[^"]*(NaN|undefined|Infinity)[^"]*"/.test(page) && !page.includes("<script"));
    assert(!watchTable(watched).includes("\x1b"));
  }
});

Deno.test("names from a file are escaped on the page, and steer no terminal", async () => {
  const findings = [{
    code: "clones",
    severity: "fail",
    layer: HOSTILE,
    message: HOSTILE,
    remedy: HOSTILE,
  }] as const;
  const hostile = diagnosis({ verdict: "fail", findings, layers: [layer({ name: HOSTILE })] });
  const named = [{ ...weights()[0], name: HOSTILE }];
  const setting = { ...SETTING, source: HOSTILE, notUnderstood: [HOSTILE] };
  const page = await diagnosePage(hostile, setting, { weights: named });
  assert(!page.includes("<script"));
  assertEquals(all(page, "script").length, 0);
  assert(!diagnoseTable(hostile).includes("\x1b"));
  assertStringIncludes(diagnoseTable(hostile, { color: true }), "\x1b[31mfail");
});
