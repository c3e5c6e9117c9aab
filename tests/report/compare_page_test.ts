import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import type { Comparison } from "../../src/diagnose/comparison.ts";
import { comparePage } from "../../src/report/compare_page.ts";
import { fixture } from "./fixture.ts";
import { HOSTILE, variants } from "./variants.ts";

/** What the tests use of linkedom's document. */
interface Node {
  textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Node | null;
  querySelectorAll(selector: string): Iterable<Node>;
}

function parse(page: string): Node {
  const window: unknown = parseHTML(page);
  return (window as { document: Node }).document;
}

function all(node: Node, selector: string): Node[] {
  return [...node.querySelectorAll(selector)];
}

/** Every start tag has its end tag, in order: what a lenient parser would not tell. */
function assertBalanced(page: string): void {
  const open: string[] = [];
  for (const [, end, tag, rest] of page.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>/g)) {
    if (["meta", "wbr"].includes(tag) || rest.endsWith("/")) continue;
    if (end === "") open.push(tag);
    else assertEquals(open.pop(), tag);
  }
  assertEquals(open, []);
}

for (const [name, c] of variants()) {
  Deno.test(`the page is whole and needs nothing else: ${name}`, () => {
    const page = comparePage(c);
    assertBalanced(page);
    assert(page.length < 600_000, `${page.length} characters`);
    for (const word of ["http:", "https:", "<script", "src=", "@import", "url("]) {
      assert(!page.includes(word), word);
    }
    const document = parse(page);
    for (const svg of all(document, "svg")) {
      const drawn = all(svg, "*").flatMap((mark) =>
        ["d", "transform", "x", "y"].map((a) => mark.getAttribute(a))
      );
      assert(!/NaN|undefined|Infinity/.test(drawn.join(" ")), `a mark at no place: ${drawn}`);
    }
    assertFigures(document, c);
    assertTables(document, c);
  });
}

/** One figure a chart, each with words for those who do not see it. */
function assertFigures(document: Node, c: Comparison): void {
  const hidden = c.layers.length - 2;
  const titles = all(document, "figure").map((figure) => figure.getAttribute("aria-label"));
  assertEquals(titles, [
    "Training loss",
    "Test accuracy",
    ...(hidden > 0 ? ["Distinct neurons"] : []),
    "Signal through the layers",
    "Gradient through the layers",
    ...(hidden > 0 ? ["Dead ReLUs"] : []),
  ]);
  assertEquals(all(document, "figure > figcaption").length, titles.length);
  const pictures = all(document, "figure svg");
  assertEquals(pictures.length, 2 + 4 + 2 * hidden);
  for (const svg of pictures) {
    assertEquals(svg.getAttribute("role"), "img");
    assert((svg.getAttribute("aria-label") ?? "").length > 20);
  }
}

function assertTables(document: Node, c: Comparison): void {
  const [overview, epochs, layers] = all(document, "table");
  assertEquals(all(overview, "tbody th").map((cell) => cell.textContent), c.runs.map((run) => run.init));
  assertEquals(all(epochs, "tbody tr").length, c.runs.reduce((sum, run) => sum + run.epochs.length, 0));
  assertEquals(all(layers, "tbody tr").length, c.runs.reduce((sum, run) => sum + run.scalesBefore.length, 0));
  for (const table of [overview, epochs, layers]) {
    const columns = all(table, "thead th").length;
    for (const row of all(table, "tbody tr")) assertEquals(all(row, "th, td").length, columns);
  }
  assertEquals(all(document, ".card").length, c.runs.length);
}

Deno.test("the summary says who can learn and who cannot", () => {
  const lead = parse(comparePage(fixture())).querySelector(".lead")?.textContent ?? "";
  assertEquals(
    lead,
    "torch_linear and kaiming_normal can learn: after 5 epochs they classify 95.1% and 97.1% " +
      "of the 2,000 test rows correctly. zeros, ones and normal:1 cannot learn.",
  );
});

Deno.test("the summary knows doubt and unanimity", () => {
  const c = fixture();
  for (const run of c.runs) run.verdict = "ok";
  assertStringIncludes(leadOf(c), "None of them failed.");
  c.runs[0].verdict = "warn";
  assertStringIncludes(leadOf(c), "zeros may not learn.");
  for (const run of c.runs) run.verdict = "fail";
  assertStringIncludes(leadOf(c), "None of these initialisations has shown that it can learn.");
});

function leadOf(c: Comparison): string {
  return parse(comparePage(c)).querySelector(".lead")?.textContent ?? "";
}

Deno.test("words from outside stay words", () => {
  const c = fixture();
  c.runs[0].init = HOSTILE;
  const document = parse(comparePage(c));
  assertEquals(all(document, "script").length, 0);
  assertEquals(document.querySelector(".card h2")?.textContent, HOSTILE);
  assert(
    all(document, "figure svg").every((svg) => (svg.getAttribute("aria-label") ?? "").includes("alert")),
  );
});

Deno.test("the exploding run ends visibly, at the step where it exploded", () => {
  const loss = all(parse(comparePage(fixture())), "figure")[0];
  assertStringIncludes(loss.textContent, "normal:1: not finite from step 38");
  assertStringIncludes(loss.textContent, "guessing: ln 10 = 2.30");
  assertStringIncludes(loss.textContent, "the mean of 5 neighbouring mini-batches");
});

Deno.test("what was watched between the epochs has charts and a table; runs that were not watched have none", () => {
  const c = fixture(), steps = [0, 100, 200];
  const classes = [{ neurons: [3, 5, 6], verdict: "exact", splitAt: null, largestDifference: 0 }] as const;
  const layer = (name: string, width: number) => ({
    name,
    width,
    distinctNeurons: [width - 2, width - 2, width - 2],
    distinctGradients: [1, 9, width - 2],
    largestCosine: [0.25, null, 0.5],
    classes,
  });
  for (const run of c.runs.slice(1)) run.symmetry = { steps, layers: [layer("0", 128), layer("2", 64)] };
  const document = parse(comparePage(c)),
    titles = all(document, "figure").map((f) => f.getAttribute("aria-label"));
  assertEquals(titles.slice(2, 5), ["Distinct neurons", "Distinct gradients", "The nearest two neurons"]);
  const labels = all(document, "figure svg").map((svg) => svg.getAttribute("aria-label") ?? "");
  assert(labels.some((label) => label.includes("zeros: not watched, ones: 126")));
  assert(labels.some((label) => label.includes("ones: 0.500")));
  const tables = all(document, "table"), rows = all(tables[tables.length - 1], "tbody tr");
  assertEquals(rows.length, 2 * (c.runs.length - 1));
  const cells = all(rows[0], "th, td").map(({ textContent }) => textContent);
  assertEquals(cells, ["ones", "0", "128", "126", "9→126", "0.2500→0.5000", "3 neurons in 1 group: exact"]);
});
