import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { progress } from "../../src/report/progress.ts";

function recorder(): { text: string; columns: number; write(text: string): boolean } {
  return {
    text: "",
    columns: 60,
    write(text: string): boolean {
      this.text += text;
      return true;
    },
  };
}

Deno.test("without a terminal there is one line a finished part and nothing else", () => {
  const stream = recorder();
  {
    using bar = progress(10, { enabled: false, stream });
    bar.tick(5, "zeros");
    bar.line("zeros: cannot learn");
    bar.tick(5, "ones");
    bar.line("ones: cannot learn");
  }
  assertEquals(stream.text, "zeros: cannot learn\nones: cannot learn\n");
});

Deno.test("on a terminal there is a bar, and no timer is left behind", () => {
  const stream = recorder();
  {
    using bar = progress(4, { enabled: true, stream });
    bar.tick(1, "zeros, epoch 1");
    bar.line("zeros: cannot learn");
    bar.tick(99);
  }
  assertStringIncludes(stream.text, "━");
  assertStringIncludes(stream.text, "100%");
  assertStringIncludes(stream.text, "zeros, epoch 1");
  assertStringIncludes(stream.text, "zeros: cannot learn\n");
  // Neither a hidden cursor nor switched-off wrapping, which an interrupted command would leave behind.
  assert(!stream.text.includes("\x1b[?25l") && !stream.text.includes("\x1b[?7l"));
});
