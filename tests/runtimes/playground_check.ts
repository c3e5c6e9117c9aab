/**
 * The playground, as a person uses it: by mouse, by keyboard, on a phone's width, and where WebGPU is missing. Part of
 * `deno task test:browser`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { servePage } from "../../examples/playground/main.ts";
import { makePage } from "../../examples/playground/site.ts";
import { openChromium } from "./chromium.ts";

const SMALL = "#data=iris&layers=16,8&seed=3&a=zeros&b=torch_linear&epochs=5&lr=0.05";

/** Opens the page in a browser of its own, and closes both. */
async function onPage(
  hash: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<void> {
  await using server = servePage(await makePage(), 0);
  const browser = await openChromium();
  try {
    const page = await (await browser.newContext(options)).newPage(), errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await prepare(page);
    await page.goto(`http://127.0.0.1:${server.addr.port}/${hash}`);
    await use(page);
    assertEquals(errors, []);
  } finally {
    await browser.close();
  }
}

async function waitForEnd(page: Page): Promise<void> {
  await page.getByText(/^Done: \d+ epochs/).waitFor({ timeout: 60_000 });
}

async function cardOf(page: Page, side: 0 | 1): Promise<string> {
  return ((await page.textContent(`.card[data-side="${side}"]`)) ?? "").replace(/\s+/g, " ");
}

Deno.test("playground: choose and press train: zeros stay one neuron and cannot learn, PyTorch's default can", async () => {
  await onPage("#data=iris&layers=16,8&epochs=5", async (page) => {
    await page.selectOption("#a", "zeros");
    await page.selectOption("#b", "torch_linear");
    await page.fill("#seed", "3");
    await page.click("#train");
    await waitForEnd(page);
    const [zeros, torch] = [await cardOf(page, 0), await cardOf(page, 1)];
    for (const words of ["cannot learn", "1/16", "1/8", "equal bit for bit", "Remedy"]) {
      assertStringIncludes(zeros, words);
    }
    for (const words of ["can learn", "16/16", "8/8"]) assertStringIncludes(torch, words);
    assert(await page.locator("#results svg").count() >= 7, "loss, distinct neurons, two scales a side");
    assertMatch(
      await page.evaluate("location.hash") as string,
      /layers=16,8.*seed=3.*a=zeros&b=torch_linear/,
    );
  });
});

Deno.test("playground: a link brings the same state and the same numbers; the keyboard alone is enough", async () => {
  const cards: string[] = [];
  for (const begin of ["link", "keyboard"]) {
    await onPage(begin === "link" ? `${SMALL}&train=1` : SMALL, async (page) => {
      if (begin === "keyboard") {
        await page.focus("#lr");
        await page.keyboard.press("Tab");
        assertEquals(await page.evaluate("document.activeElement.id"), "train");
        await page.keyboard.press("Enter");
      }
      assertEquals(await page.inputValue("#layers"), "16,8");
      await waitForEnd(page);
      cards.push(`${await cardOf(page, 0)} ${await cardOf(page, 1)}`);
    });
  }
  assertEquals(cards[0], cards[1]);
});

Deno.test("playground: a phone's width needs no sideways scrolling, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await onPage(`${SMALL}&train=1`, async (page) => {
      await waitForEnd(page);
      assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
    }, { viewport: { width: 390, height: 800 }, colorScheme });
  }
});

Deno.test("playground: what cannot be is said beside its field, and nothing is trained", async () => {
  await onPage(SMALL, async (page) => {
    await page.fill("#layers", "16,-8");
    await page.click("#train");
    assert(((await page.textContent("#layers-wrong")) ?? "").length > 10);
    assertEquals(await page.locator("#results").isHidden(), true);
    await page.fill("#layers", "16,8");
    await page.click("#train");
    await waitForEnd(page);
    assertEquals(await page.textContent("#layers-wrong"), "");
  });
});

Deno.test("playground: training stops when it is told to", async () => {
  await onPage(SMALL.replace("epochs=5", "epochs=50"), async (page) => {
    await page.click("#train");
    await page.locator("#results").waitFor({ state: "visible", timeout: 30_000 });
    await page.click("#stop");
    await page.getByText(/[Ss]topped/).first().waitFor({ timeout: 10_000 });
    assertEquals(await page.locator("#train").isEnabled(), true);
  });
});

Deno.test("playground: where WebGPU is missing it says so, and what to do", async () => {
  const without = (page: Page) => page.addInitScript("delete Navigator.prototype.gpu");
  await onPage(
    SMALL,
    async (page) => {
      const problem = page.locator("#problem");
      await problem.waitFor({ state: "visible", timeout: 10_000 });
      assertStringIncludes(await problem.textContent() ?? "", "WebGPU");
    },
    {},
    without,
  );
});
