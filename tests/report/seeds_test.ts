import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { accuracyAxis, differenceAxis, positiveAxis } from "../../src/report/axis.ts";
import { compareCommand } from "../../src/report/compare_command.ts";
import { comparePage } from "../../src/report/compare_page.ts";
import { compareTable } from "../../src/report/compare_table.ts";
import { fixture } from "./fixture.ts";
import { studied } from "./seeds_fixture.ts";
import { HOSTILE, variants } from "./variants.ts";

/** What the tests use of linkedom's document. */
interface Node {
  textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Node>;
}

function parse(page: string): Node {
  return (parseHTML(page) as unknown as { document: Node }).document;
}

function all(node: Node, selector: string): Node[] {
  return [...node.querySelectorAll(selector)];
}

const KINDS = [...variants()].filter(([name]) => name !== "hostile words");

for (const [name, c] of KINDS) {
  for (const seeds of [1, 2, 7]) {
    Deno.test(`from ${seeds} seeds the page has all pairs, and no mark at no place: ${name}`, () => {
      const page = comparePage(studied(c, seeds)), document = parse(page);
      const pairs = seeds === 1 ? 0 : c.runs.length * (c.runs.length - 1) / 2;
      assertEquals(all(document, ".pairs li").length, 2 * pairs);
      const figures = all(document, ".seeds figure").map((figure) => figure.getAttribute("aria-label"));
      assertEquals(figures, [
        "Final loss by initialisation",
        "Test accuracy by initialisation",
        ...(pairs > 0 ? ["Final loss: paired differences", "Test accuracy: paired differences"] : []),
      ]);
      for (const svg of all(document, ".seeds svg")) {
        assert((svg.getAttribute("aria-label") ?? "").length > 20);
        const drawn = all(svg, "*").flatMap((mark) =>
          ["d", "transform", "x", "y", "x1", "x2", "width", "height"].map((at) => mark.getAttribute(at))
        );
        assert(!/NaN|undefined|Infinity/.test(drawn.join(" ")), `a mark at no place: ${drawn}`);
      }
      for (const row of all(document, ".seeds tbody tr")) assertEquals(all(row, "th, td").length, 9);
      assertEquals(all(document, ".seeds tbody tr").length, c.runs.length);
      assertEquals(page.includes("One seed says nothing of luck"), seeds === 1);
      assert(page.length < 900_000, `${page.length} characters`);
    });
  }

  Deno.test(`from several seeds the table fits into 100 columns: ${name}`, () => {
    for (const seeds of [1, 2, 7]) {
      const text = compareTable(studied(c, seeds));
      for (const line of text.split("\n")) assert([...line].length <= 100, line);
      assert(!/NaN|undefined|null/.test(text), text);
      assertEquals(text.includes("One seed says nothing of luck"), seeds === 1);
    }
  });
}

Deno.test("the table says every pair once a measure, and how sure all are together", () => {
  const c = studied(fixture(), 7), text = compareTable(c).replace(/\s+/g, " ");
  assertEquals(c.seeds.differences.length, 20);
  for (const { sentence } of c.seeds.differences) assertStringIncludes(text, sentence);
  assertStringIncludes(text, "so that all 10 pairs of a measure hold together with 95% confidence.");
  assertStringIncludes(text, "7 seeds, 42 to 48");
  assertStringIncludes(text, "7/7"); // normal:1 has exploded from every seed
  const [loss, accuracy] = ["loss", "accuracy"].map((measure) =>
    c.seeds.differences.filter((d) => d.measure === measure && ["lower", "higher"].includes(d.outcome)).length
  );
  assertStringIncludes(
    text,
    `In final loss ${loss} of 10 pairs of initialisations differ by more than luck explains, in test accuracy ${accuracy} of 10 pairs.`,
  );
  assert(!compareTable(fixture()).includes("seed"), "without seeds nothing changes");
});

Deno.test("the section begins with the two that end lowest", () => {
  const lead = (seeds: number, change = (_: ReturnType<typeof fixture>) => {}) => {
    const c = fixture();
    change(c);
    return all(parse(comparePage(studied(c, seeds))), ".seeds .lead")[0].textContent;
  };
  const [loss, accuracy] = studied(fixture(), 7).seeds.differences.filter(({ a, b }) =>
    a === "torch_linear" && b === "kaiming_normal"
  );
  assertEquals(lead(7), `${loss.sentence} ${accuracy.sentence}`);
  assertStringIncludes(lead(7, (c) => c.runs[3].verdict = "fail"), "In final loss ");
  assertStringIncludes(lead(1), "One seed says nothing of luck");
});

Deno.test("the median, the box and the points of a chart are where its numbers are", () => {
  const c = studied(fixture(), 7), { loss } = c.seeds.spread[4];
  const axis = positiveAxis("", c.seeds.results.map((result) => result.finalLoss));
  const [svg] = all(parse(comparePage(c)), ".seeds svg");
  // The plot's inside is 460 − 124 − 70 wide and begins at 124.
  const at = (value: number) =>
    124 + 266 * (axis.place(value) - axis.domain[0]) / (axis.domain[1] - axis.domain[0]);
  const rects = all(svg, "rect"), box = rects[rects.length - 1];
  assert(Math.abs(Number(box.getAttribute("x")) - at(loss!.q1)) < 0.02, `${box.getAttribute("x")}`);
  assert(Math.abs(Number(box.getAttribute("width")) - (at(loss!.q3) - at(loss!.q1))) < 0.03);
});

Deno.test("words from outside stay words, in a study too", () => {
  const c = fixture();
  c.runs = c.runs.slice(0, 2);
  c.runs[0].init = HOSTILE;
  const document = parse(comparePage(studied(c, 3)));
  assertEquals(all(document, "script").length, 0);
  assertStringIncludes(all(document, ".pairs li")[0].textContent, HOSTILE);
  assert(!compareTable(studied(c, 3)).includes("\x1b"));
});

Deno.test("the command makes the study again", () => {
  assertStringIncludes(compareCommand(studied(fixture(), 7)), "--seed 42 --seeds 7 --generator");
});

Deno.test("axes of a study: in order, ticks inside and apart, whatever is on them", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 12 }), (values) => {
    const losses = values.map((x) => x < -9e5 ? null : Math.abs(x)),
      bounded = values.map((x) => Math.abs(x) / 1e6);
    const range = [Math.min(...values), Math.max(...values)] as const;
    const axes = [
      [positiveAxis("", losses), losses],
      [accuracyAxis("", bounded, 2000), bounded],
      [differenceAxis("", values.map(Math.abs), range, String), values],
    ] as const;
    for (const [{ domain: [low, high], ticks, format, place }, shown] of axes) {
      assert(Number.isFinite(low) && low < high, `${low} ${high}`);
      ticks.forEach((tick, i) => {
        assert(tick >= low && tick <= high && (i === 0 || tick > ticks[i - 1]), `${ticks} in ${low} ${high}`);
        assert(format(tick).length > 0 && !/NaN|undefined/.test(format(tick)));
      });
      assert(ticks.length <= 9, `${ticks}`);
      for (const x of shown) {
        assert(place(x) >= low && place(x) <= high, `${x} at ${place(x)} of ${low} ${high}`);
      }
    }
  }));
});

Deno.test("axes of a study: what their ticks say", () => {
  const difference = differenceAxis("", [0.01, 2], [-2, 0.02], String);
  assertEquals(difference.ticks.map(difference.format), ["−1", "−0.3", "−0.1", "−0.02", "0", "+0.03"]);
  const accuracy = accuracyAxis("", [0.5, 0.98, 1], 2000);
  assertEquals(accuracy.ticks.map(accuracy.format), ["50%", "90%", "99%", "99.9%", "100%"]);
});
