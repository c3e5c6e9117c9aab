import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import type { DiagnosedLayer, Diagnosis, Verdict } from "../../src/diagnose/mod.ts";
import { diagnosePage, type DiagnosisSetting } from "../../src/report/diagnose_page.ts";
import { diagnoseTable } from "../../src/report/diagnose_table.ts";

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

const empty = { secondMoment: null, gradientMoment: null, cosine: null, effectiveRank: null };
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
];

for (const [name, of] of VARIANTS) {
  Deno.test(`the page of a diagnosis is whole and needs nothing else: ${name}`, () => {
    const page = diagnosePage(of, SETTING);
    for (const word of ["http:", "https:", "<script", "src=", "@import", "url("]) {
      assert(!page.includes(word), word);
    }
    const figures = all(page, "figure").map((figure) => figure.getAttribute("aria-label"));
    assertEquals(figures, ["Signal through the layers", "Gradient through the layers"]);
    const pictures = all(page, "figure svg");
    assertEquals(pictures.map((svg) => svg.getAttribute("role")), ["img", "img"]);
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

Deno.test("the page says the verdict in words, and each finding with its remedy", () => {
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
    const page = diagnosePage(diagnosis({ verdict, findings: verdict === "ok" ? [] : findings }), SETTING);
    assertEquals(all(page, "h1")[0].textContent, words[verdict]);
    assertEquals(all(page, ".card").length, verdict === "ok" ? 0 : 2);
  }
  const page = diagnosePage(diagnosis({ verdict: "fail", findings }), SETTING);
  assertStringIncludes(all(page, ".lead")[0].textContent, "1 failure and 1 warning");
  assertStringIncludes(all(page, ".card")[0].textContent, "layer 0: clones.");
  assertStringIncludes(all(page, ".card")[0].textContent, "--init kaiming_normal");
});

Deno.test("names from a file are escaped on the page, and steer no terminal", () => {
  const findings = [{
    code: "clones",
    severity: "fail",
    layer: HOSTILE,
    message: HOSTILE,
    remedy: HOSTILE,
  }] as const;
  const hostile = diagnosis({ verdict: "fail", findings, layers: [layer({ name: HOSTILE })] });
  const page = diagnosePage(hostile, { ...SETTING, source: HOSTILE, notUnderstood: [HOSTILE] });
  assert(!page.includes("<script"));
  assertEquals(all(page, "script").length, 0);
  assert(!diagnoseTable(hostile).includes("\x1b"));
  assertStringIncludes(diagnoseTable(hostile, { color: true }), "\x1b[31mfail");
});
