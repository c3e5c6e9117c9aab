import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { Look, Soak } from "./soak.ts";

// The same with 1,000 networks and 10,000 steps: deno run -A --v8-flags=--expose-gc tests/faults/soak.ts.
const SOAK = fromFileUrl(new URL("soak.ts", import.meta.url));

Deno.test("opened and closed networks, and steps, leave no buffer and no object behind", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", SOAK, "60", "600", "--json"],
    stdout: "piped",
    stderr: "null",
  });
  const { code, stdout } = await command.output();
  assertEquals(code, 0);
  const { open, networks, steps }: Soak = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(open, 0);
  // One network's programs held for ever are 150 KB each: 8 MB from the sixth to the sixtieth.
  const growth = (looks: readonly Look[]) =>
    looks[looks.length - 1].heap - looks[Math.floor(looks.length / 10)].heap;
  assert(growth(networks) < 2 ** 20, `${growth(networks)} bytes more for 54 networks`);
  assert(growth(steps) < 2 ** 20, `${growth(steps)} bytes more for 540 steps`);
});
