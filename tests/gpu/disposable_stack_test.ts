import { assertEquals, assertThrows } from "@std/assert";
import { DisposableStack } from "../../src/gpu/disposable_stack.ts";

/** Something that writes its name where it is released. */
function named(name: string, released: string[], fails = false): Disposable {
  return {
    [Symbol.dispose](): void {
      released.push(name);
      if (fails) throw new Error(name);
    },
  };
}

/** The language's own is asked the same, so that the test is right. */
for (const Stack of [DisposableStack, globalThis.DisposableStack as unknown as typeof DisposableStack]) {
  const which = Stack === DisposableStack ? "ours" : "the language's";

  Deno.test(`a stack releases the latest first, and once (${which})`, () => {
    const released: string[] = [];
    {
      using stack = new Stack();
      assertEquals(typeof stack.use(named("a", released)), "object");
      stack.use(named("b", released));
      stack.dispose();
      stack.dispose();
      assertEquals(released, ["b", "a"]);
    }
    assertEquals(released, ["b", "a"]);
  });

  Deno.test(`what is moved is released by the new stack alone (${which})`, () => {
    const released: string[] = [];
    let moved: Disposable;
    {
      using stack = new Stack();
      stack.use(named("a", released));
      moved = stack.move();
    }
    assertEquals(released, []);
    moved[Symbol.dispose]();
    assertEquals(released, ["a"]);
  });
}

Deno.test("a release that fails does not keep the others from being released", () => {
  const released: string[] = [], stack = new DisposableStack();
  for (const name of ["a", "b", "c"]) stack.use(named(name, released, name !== "a"));
  assertThrows(() => stack.dispose(), Error, "c");
  assertEquals(released, ["c", "b", "a"]);
});
