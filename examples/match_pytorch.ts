/**
 * Makes the first weights of a PyTorch network from its seed, and compares them with what PyTorch 2.13 drew on the CPU:
 *
 *     torch.manual_seed(42)
 *     net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
 *     for name, p in net.named_parameters():
 *         print(name, hashlib.sha256(p.detach().numpy().tobytes()).hexdigest())
 *
 *     deno run -A examples/match_pytorch.ts
 */
import { layersManifest, remake } from "@fanin/fanin";

const PYTORCH: Record<string, string> = {
  "0.weight": "8e488e64025a840f64ef1d431d908e0e1235ca05f1948e0754938244f91c7a02",
  "0.bias": "c0d53ed1ecd9ca38624b3a2fe5992eef166d759ff15ef8cfe7a08acc925ed074",
  "2.weight": "1c15532054149430b77a23a3c61065f7fb916f90829b404f6d5b17e6196763e9",
  "2.bias": "7c83ba2d9762f2fe74b17597f1558077046a670c9338f0fde53368df834f1635",
};

// PyTorch has one generator, and draws weight after bias after weight from it: the order is part of the recipe.
const recipe = layersManifest([784, 512, 10], "torch_linear", "mt19937", 42);

for await (const { name, values } of remake(undefined, recipe)) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", values)).toHex();
  const verdict = digest === PYTORCH[name] ? "PyTorch's, bit for bit" : "not PyTorch's";
  console.log(`${name.padEnd(8)}  ${values.length} numbers, first ${values[0].toFixed(8)}: ${verdict}`);
}
