/**
 * Typed readers of the golden data. The property names are the files' own; README.md says where each file
 * comes from.
 *
 * Each call reads its file anew, so that a test may change what it got.
 *
 * @module
 */

/** Float32 values with their bit patterns as u32. */
export interface Float32Values {
  /** The values. */
  f32: number[];
  /** The same, as the bits of each. */
  bits: number[];
}

/** Float64 values with their bit patterns. */
export interface Float64Values {
  /** The values. */
  f64: number[];
  /** The same, as 16 hexadecimal digits each, the highest first. */
  hex: string[];
}

/** A float32 tensor too large to be kept whole. */
export interface TensorDigest {
  /** The sizes, outermost first. */
  shape: number[];
  /** The first 16 elements, or all where there are fewer. */
  first16: Float32Values;
  /** The last four elements. */
  last4: Float32Values;
  /** The sum of all elements, taken in float64. */
  sum_f64: number;
  /** The smallest element. */
  min: number;
  /** The largest element. */
  max: number;
  /** SHA-256 of all elements as little-endian float32, in hexadecimal. */
  sha256_le_f32: string;
}

/** One known answer of Random123. */
export interface KnownAnswer {
  /** The generator. */
  generator: "philox2x32" | "philox4x32" | "threefry2x32" | "threefry4x32";
  /** The number of rounds. */
  rounds: number;
  /** The counter's words, eight hexadecimal digits each, word 0 first. */
  ctr: string[];
  /** The key's words, likewise. */
  key: string[];
  /** The result's words, likewise. */
  expected: string[];
}

/** `random123_kat.json`. */
export interface KnownAnswers {
  /** The file and commit that they were taken from. */
  source: string;
  /** The order of the words. */
  order: string;
  /** How they were checked. */
  verified_by: string;
  /** 30 of them. */
  vectors: KnownAnswer[];
}

/** The start of one Philox 4x32-10 stream. */
export interface PhiloxStreamCase {
  /** 64 bits, as `0x…`: the key, low word first. */
  seed: string;
  /** 64 bits, as `0x…`: words 2 and 3 of the counter. */
  subsequence: string;
  /** 64 bits, as `0x…`: words 0 and 1 of the counter, in blocks of four words. */
  block_offset: string;
  /** The words: 8 or 16. */
  u32: number[];
  /** Each word's low 24 bits, times 2^-24. */
  uniform24_torch_cpu: number[];
  /** Each word's high 24 bits, times 2^-24. */
  uniform_hi24: number[];
  /** Each word's high 23 bits, times 2^-23. */
  uniform23_jax: number[];
}

/** `philox_streams.json`. */
export interface PhiloxStreams {
  /** How key and counter are laid out. */
  note: string;
  /** What computed them. */
  made_by: string;
  /** Eight. */
  streams: PhiloxStreamCase[];
}

/** One value for each element of the network 4-8-3, row-major. */
export interface MlpValues<Value = number> {
  /** `[8, 4]`, a row for each hidden neuron. */
  W1: Value[];
  /** `[8]`. */
  b1: Value[];
  /** `[3, 8]`, a row for each class. */
  W2: Value[];
  /** `[3]`. */
  b2: Value[];
}

/** How the network starts; README.md says what each name means. */
export type MlpInit =
  | "explicit"
  | "zeros"
  | "ones"
  | "const0.1_bias0"
  | "zeroW_randombias"
  | "dup_rows"
  | "dup_rows_in_only";

/** One training of 20 steps on the full batch. */
export interface MlpRun {
  /** What PyTorch computed in. */
  dtype: "torch.float32" | "torch.float64";
  /** How the network starts. */
  init: MlpInit;
  /** The optimiser; Adam has PyTorch's betas and eps. */
  optimizer: "sgd" | "adam";
  /** The learning rate. */
  lr: number;
  /** `null` for Adam. */
  momentum: number | null;
  /** An L2 penalty on weights and biases alike. */
  weight_decay: number;
  /** False in every run. */
  nesterov: boolean;
  /** After the hidden layer. */
  activation: "relu";
  /** 21: the loss before each step, and after the last. */
  losses: number[];
  /** 21: the parameters before each step, and after the last. */
  weights: MlpValues[];
  /** 21: how many hidden neurons differ in incoming weights, bias or outgoing weights, bit for bit. */
  distinct_hidden_rows: number[];
  /** 21: the same of the gradients. */
  distinct_grad_rows: number[];
  /** Everything about the first step. */
  step0: {
    /** The hidden layer before its activation, `[12, 8]`. */
    z1: number[];
    /** The hidden layer, `[12, 8]`. */
    h: number[];
    /** `[12, 3]`. */
    logits: number[];
    /** The mean over the batch. */
    loss: number;
    /** d loss / d parameter. */
    grads: MlpValues;
    /**
     * The bits of those: of float32 in 8 digits or of float64 in 16, by the run's dtype, the highest first.
     */
    grads_hex: MlpValues<string>;
  };
  /** The bits of the last of `weights`, likewise. */
  final_weights_hex: MlpValues<string>;
  /** The share of the batch that the trained network gets right. */
  final_accuracy: number;
}

/** `torch_mlp_trace.json`: `relu(x W1^T + b1) W2^T + b2` under cross entropy. */
export interface MlpTrace extends MlpValues {
  /** PyTorch's version. */
  torch: string;
  /** What the file holds. */
  note: string;
  /** The inputs, `[12, 4]`, exact in float16. */
  X: number[];
  /** The labels, `[12]`. */
  Y: number[];
  /** 20: ten in float32, then the same ten in float64. */
  runs: MlpRun[];
}

/** One deep network, measured before training. */
export interface SignalRun {
  /** The activation. */
  act: "relu" | "tanh" | "linear";
  /** The initialisation. */
  init: string;
  /** The size of every layer. */
  width: number;
  /** The number of layers. */
  depth: number;
  /** The number of examples. */
  batch: number;
  /** For each layer, the mean of the squared preactivations. */
  preact_second_moment: number[];
  /** For each layer, the mean of the squared gradients. */
  grad_second_moment: number[];
  /** The geometric mean of a layer's preactivation moment over the one below. */
  forward_ratio_gmean: number;
  /** The geometric mean of a layer's gradient moment over the one above. */
  backward_ratio_gmean: number;
  /** As `forward_ratio_gmean`, over the first five layers. */
  forward_ratio_first5: number;
  /** The mean cosine between the last layer's outputs for two examples. */
  mean_pairwise_cosine_last: number;
  /** The effective rank of the last layer's activations. */
  erank_last_activation: number;
}

/** `signal_propagation.json`. */
export interface SignalPropagation {
  /** What computed it. */
  made_by: string;
  /** The forward ratios that theory predicts. */
  theory: {
    /** For relu. */
    relu: { torch_default: number; xavier: number; he: number; rule: string };
    /** For no activation. */
    linear: { torch_default: number; xavier: number };
  };
  /** 17. */
  runs: SignalRun[];
}

/** A tensor that JAX drew. */
export interface JaxTensorDigest extends TensorDigest {
  /** The sum of all squared elements, taken in float64. */
  sumsq_f64: number;
}

/** What JAX draws from one key; every draw is from the key itself. */
export interface JaxCase {
  /** The argument of `jax.random.key`. */
  seed: number;
  /** The key's two words; every key below is two words likewise. */
  key: [number, number];
  /** `split(key, 2)`. */
  split2: [number, number][];
  /** `split(key, 3)`. */
  split3: [number, number][];
  /** `fold_in(key, data)`, by data: 0, 1, 2, 12345 and 4294967295. */
  fold_in: Record<string, [number, number]>;
  /** `bits(key, (8,))`. */
  bits8_u32: number[];
  /** `bits(key, (7,))`. */
  bits7_u32: number[];
  /** `bits(key, (3, 5))`, row-major. */
  bits_3x5_u32: number[];
  /** `bits(key, (6,), uint16)`. */
  bits6_u16: number[];
  /** `uniform(key, (8,))`. */
  uniform8: Float32Values;
  /** `uniform(key, (8,), minval=-1, maxval=1)`. */
  "uniform8_-1_1": Float32Values;
  /** `normal(key, (8,))`. */
  normal8: Float32Values;
  /** `truncated_normal(key, -2, 2, (8,))`. */
  "truncated_normal8_-2_2": Float32Values;
  /** `randint(key, (8,), 0, 10)`. */
  randint8_0_10: number[];
  /** `bernoulli(key, shape=(8,))`, as 0 and 1. */
  bernoulli8: number[];
  /** `permutation(key, 10)`. */
  permutation10: number[];
  /** `bits(key, (100000,))`; the digest is of little-endian u32. */
  bits_1e5: { shape: number[]; first16: number[]; sha256_le: string };
  /** `uniform(key, (784, 512))`. */
  uniform_784x512: JaxTensorDigest;
  /** `normal(key, (784, 512))`. */
  normal_784x512: JaxTensorDigest;
  /** By the names of `jax.nn.initializers`, for shape (784, 512): `[in, out]`. */
  init_784x512: Record<string, JaxTensorDigest>;
}

/** `jax_random.json`. */
export interface JaxRandom {
  /** Of JAX and what it stands on. */
  versions: { jax: string; jaxlib: string; numpy: string; platform: string };
  /** Seeds 0, 1 and 42, with `jax_threefry_partitionable` (JAX's default) and without. */
  cases: { partitionable_True: JaxCase[]; partitionable_False: JaxCase[] };
}

/** A tensor that PyTorch drew. */
export interface TorchTensorDigest extends TensorDigest {
  /** The mean of all elements. */
  mean: number;
  /** Their standard deviation. */
  std: number;
}

/** A matrix that PyTorch made orthogonal: exact bits are LAPACK's, not a standard. */
export interface TorchOrthogonal {
  /** Row-major. */
  values: Float32Values;
  /** How far the Gram matrix is from the identity. */
  max_abs_gram_minus_I: number;
}

/** What PyTorch's CPU generator draws after `torch.manual_seed(seed)`, called anew before each entry. */
export interface TorchSeed {
  /** The seed. */
  seed: number;
  /** `torch.rand(1)`. */
  rand1: Float32Values;
  /** `torch.rand(8)`. */
  rand8: Float32Values;
  /** `torch.rand(20)`. */
  rand20: Float32Values;
  /** `torch.rand(8, dtype=torch.float64)`. */
  rand8_f64: Float64Values;
  /** `torch.empty(8).uniform_(-0.5, 0.5)`. */
  "uniform8_-0.5_0.5": Float32Values;
  /** `torch.randint(0, 2**31, (8,))`. */
  "randint8_0_2^31": number[];
  /** Eight draws over a range of 2^32. */
  randint_raw32_8: number[];
  /** `torch.randn(1)`. */
  randn1: Float32Values;
  /** `torch.randn(8)`. */
  randn8: Float32Values;
  /** `torch.randn(15)`. */
  randn15: Float32Values;
  /** `torch.randn(16)`. */
  randn16: Float32Values;
  /** `torch.randn(17)`. */
  randn17: Float32Values;
  /** `torch.randn(20)`. */
  randn20: Float32Values;
  /** `torch.randn(32)`. */
  randn32: Float32Values;
  /** `torch.randn(40)`. */
  randn40: Float32Values;
  /** `torch.randn(8, dtype=torch.float64)`. */
  randn8_f64: Float64Values;
  /** `torch.randn(20, dtype=torch.float64)`. */
  randn20_f64: Float64Values;
  /** `torch.randn(3)` twice after one seeding. */
  "randn3_then_randn3 (box-muller cache carries over)": Float32Values;
  /** `torch.randperm(10)`. */
  randperm10: number[];
  /** `nn.Linear(4, 3)`: weight `[3, 4]` and bias `[3]`. */
  "Linear(4,3)": { weight: Float32Values; bias: Float32Values };
  /** `nn.Linear(784, 512)`. */
  "Linear(784,512)": { weight: TorchTensorDigest; bias: TorchTensorDigest };
  /** By parameter: `0.weight`, `0.bias`, `2.weight`, `2.bias`. */
  "Sequential(Linear(784,512),ReLU,Linear(512,10))": Record<string, TorchTensorDigest>;
  /** By initialiser, for a tensor of 64 rows and 32 columns. */
  init_64x32: Record<string, TorchTensorDigest>;
  /** By initialiser, for a tensor of 512 rows and 784 columns; `null` where it was not run. */
  init_784x512_rows512: Record<string, TorchTensorDigest | null>;
  /** `orthogonal_` on `[8, 8]`. */
  orthogonal_8x8: TorchOrthogonal;
  /** `orthogonal_` on `[16, 4]`. */
  orthogonal_16x4: TorchOrthogonal;
  /** `orthogonal_` on `[4, 16]`. */
  orthogonal_4x16: TorchOrthogonal;
}

/** `torch_rng_init.json`. */
export interface TorchRngInit {
  /** PyTorch's version. */
  torch: string;
  /** The vector instructions that it used. */
  cpu_capability: string;
  /** What it was built with. */
  config: string[];
  /** Seeds 0, 1 and 42. */
  seeds: TorchSeed[];
  /** `calculate_gain` by nonlinearity. */
  gains: Record<string, number>;
  /** Fan-in and fan-out, by the shape as Python prints it. */
  fans: Record<string, [number, number]>;
  /** `dirac_` on `[3, 2, 3]`. */
  dirac_3x2x3: Float32Values;
  /** `eye_` on `[3, 5]`. */
  eye_3x5: Float32Values;
}

/** Known answers of Philox and Threefry. */
export function loadKat(): KnownAnswers {
  return read("random123_kat.json") as KnownAnswers;
}

/** Streams of Philox 4x32-10, with uniform numbers made of them. */
export function loadPhiloxStreams(): PhiloxStreams {
  return read("philox_streams.json") as PhiloxStreams;
}

/** Trainings of a small network, step by step. */
export function loadMlpTrace(): MlpTrace {
  return read("torch_mlp_trace.json") as MlpTrace;
}

/** Moments of activations and gradients through deep networks. */
export function loadSignalPropagation(): SignalPropagation {
  return read("signal_propagation.json") as SignalPropagation;
}

/** JAX's random numbers and initialisers. */
export function loadJaxRandom(): JaxRandom {
  return read("jax_random.json") as JaxRandom;
}

/** PyTorch's random numbers and initialisers on the CPU. */
export function loadTorchRngInit(): TorchRngInit {
  return read("torch_rng_init.json") as TorchRngInit;
}

/**
 * The numbers behind the hexadecimal fields: eight digits are a float32, sixteen a float64, the highest digit
 * first.
 *
 * @param hex All of one width.
 */
export function floatsFromHex(hex: readonly string[]): Float64Array {
  const view = new DataView(new ArrayBuffer(8));
  return Float64Array.from(hex, (digits) => {
    if (digits.length === 8) view.setUint32(0, parseInt(digits, 16));
    else view.setBigUint64(0, BigInt(`0x${digits}`));
    return digits.length === 8 ? view.getFloat32(0) : view.getFloat64(0);
  });
}

function read(name: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(name, import.meta.url)));
}
