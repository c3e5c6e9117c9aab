import { assertEquals } from "@std/assert";
import { compareCommand } from "../../src/report/compare_command.ts";
import { fixture } from "./fixture.ts";

Deno.test("the command makes the comparison again", () => {
  assertEquals(
    compareCommand(fixture()),
    "fanin compare --inits zeros,ones,normal:1,torch_linear,kaiming_normal --data digits " +
      "--layers 784,128,64,10 --optimizer sgd --lr 0.05 --momentum 0.9 --activation relu --batch 64 --epochs 5 " +
      "--seed 42 --generator philox --out report.html",
  );
});

Deno.test("flags, two-word options and files find their options", () => {
  const c = { ...fixture(), optimizer: "sgd lr 0.1 nesterov weight decay 1e-4", data: "my data's.csv" };
  c.runs = c.runs.slice(0, 1);
  assertEquals(
    compareCommand(c),
    "fanin compare --inits zeros --csv 'my data'\\''s.csv' --layers 784,128,64,10 " +
      "--optimizer sgd --lr 0.1 --nesterov --weight-decay 1e-4 --activation relu --batch 64 --epochs 5 " +
      "--seed 42 --generator philox --out report.html",
  );
});
