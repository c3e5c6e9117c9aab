/**
 * What PyTorch draws from seeds that the golden data has not: negative ones, beyond 32 bits, at the ends of the range. Computed by
 * PyTorch 1.13.1, CPU, AVX2 (the Debian package), whose numbers for the golden data's seeds are those of 2.13, bit for bit, in
 * everything that is drawn here.
 *
 * @module
 */

/** The draws from one seed; `torch.manual_seed(seed)` was called anew before each entry. */
export interface TorchReference {
  /** The seed. */
  seed: bigint;
  /** The bits of `torch.rand(3)`. */
  rand3: number[];
  /**
   * The bits of draws one after the other, for the sine that a short draw of normals leaves over: `randn(3)`, `rand(2)`, the last
   * three of `randn(17)`, `randn(2)`, `randn(1, dtype=torch.float64)` as float32, `randn(1)`.
   */
  mixed: number[];
  /** SHA-256 of `torch.empty(1000).uniform_(-0.1, 0.7)`, little-endian float32. */
  uniform1000: string;
  /** SHA-256 of `torch.empty(1000).normal_(0.5, 0.02)`, likewise. */
  normal1000: string;
  /** `torch.randperm(8)`. */
  randperm8: number[];
  /** `torch.randint(-50, 50, (6,))`. */
  randint6: number[];
}

/** Eight seeds. */
export const TORCH_REFERENCES: readonly TorchReference[] = [
  {
    seed: -1n,
    rand3: [1065249187, 1058160930, 1058139148],
    mixed: [
      1067196722,
      3200857243,
      1065546784,
      1058517465,
      1058504480,
      1065682555,
      3212810533,
      1060015002,
      3200200974,
      1063580993,
      3221767310,
      1058892389,
    ],
    uniform1000: "4681cbc5d9ace23d977463f153362e10c4b8589fbc0ee4861c2a8f4772dffbc2",
    normal1000: "5041b6431bdc7016feb0c1fd621d4e482f39352d1372fe36efa8e12ad03b1f48",
    randperm8: [3, 6, 4, 7, 2, 1, 5, 0],
    randint6: [21, 28, 26, -11, -30, -50],
  },
  {
    seed: 4294967301n,
    rand3: [1062505315, 1040261944, 1063800815],
    mixed: [
      3204004692,
      3206190093,
      3205422949,
      1023950976,
      1065255652,
      3189207403,
      1063620199,
      1057772179,
      1059775199,
      1054926187,
      3204812374,
      1059513901,
    ],
    uniform1000: "48b5b5ea0283a2f70ba89a88aa11c48a1bd827ba0120ff39db812c932b2e087e",
    normal1000: "9e856d5320f351824d096e46ecf35906a039faabff5eb69ec77d00985f082234",
    randperm8: [3, 6, 0, 2, 1, 4, 5, 7],
    randint6: [-39, -36, 17, 35, -44, 20],
  },
  {
    seed: 9223372036854775807n,
    rand3: [1065249187, 1058160930, 1058139148],
    mixed: [
      1067196722,
      3200857243,
      1065546784,
      1058517465,
      1058504480,
      1065682555,
      3212810533,
      1060015002,
      3200200974,
      1063580993,
      3221767310,
      1058892389,
    ],
    uniform1000: "4681cbc5d9ace23d977463f153362e10c4b8589fbc0ee4861c2a8f4772dffbc2",
    normal1000: "5041b6431bdc7016feb0c1fd621d4e482f39352d1372fe36efa8e12ad03b1f48",
    randperm8: [3, 6, 4, 7, 2, 1, 5, 0],
    randint6: [21, 28, 26, -11, -30, -50],
  },
  {
    seed: 123456789n,
    rand3: [1053785456, 1058746012, 1060973874],
    mixed: [
      1038211488,
      1074583913,
      3211108759,
      1061859066,
      1050225096,
      3204971522,
      3210087527,
      1066933863,
      3200610126,
      1076912489,
      3206533328,
      3212079174,
    ],
    uniform1000: "883cd1355059c68a1645897a7793cba1be690779b51882e14824e0e623a20991",
    normal1000: "b60fc91b302f0f6f3641df15dde2f240dfc8eb35ca17ec7193bf1481623c77a6",
    randperm8: [0, 1, 2, 5, 6, 3, 4, 7],
    randint6: [-42, 10, 0, -13, -24, 35],
  },
  {
    seed: -9223372036854775808n,
    rand3: [1056839000, 1061464623, 1035285416],
    mixed: [
      1069891420,
      3197516880,
      3221975369,
      1055475730,
      1059184339,
      3184625593,
      1061871004,
      3197390675,
      1058112694,
      3194389692,
      1075195730,
      3213749951,
    ],
    uniform1000: "dcff3efe8dcb1b8417dea108eceb0195236405c0d1b4c24227b4930bee2eb05e",
    normal1000: "4c237fc5a9bc904c37383a22f2d8f23efaa73b5abd3865aa61a78b9f340015eb",
    randperm8: [4, 0, 7, 3, 2, 5, 1, 6],
    randint6: [-6, -11, -17, 10, 13, 29],
  },
  {
    seed: 18446744073709551615n,
    rand3: [1065249187, 1058160930, 1058139148],
    mixed: [
      1067196722,
      3200857243,
      1065546784,
      1058517465,
      1058504480,
      1065682555,
      3212810533,
      1060015002,
      3200200974,
      1063580993,
      3221767310,
      1058892389,
    ],
    uniform1000: "4681cbc5d9ace23d977463f153362e10c4b8589fbc0ee4861c2a8f4772dffbc2",
    normal1000: "5041b6431bdc7016feb0c1fd621d4e482f39352d1372fe36efa8e12ad03b1f48",
    randperm8: [3, 6, 4, 7, 2, 1, 5, 0],
    randint6: [21, 28, 26, -11, -30, -50],
  },
  {
    seed: -2147483648n,
    rand3: [1063889178, 1062474756, 1030844688],
    mixed: [
      3199809999,
      1065940016,
      1035686010,
      1058514994,
      1041759736,
      3203913993,
      1024804282,
      1076073014,
      1056550066,
      3198266099,
      1066482482,
      3162398242,
    ],
    uniform1000: "5471808671bff42419b73c7088c4701434e034ff44242725c00e46207dd9d611",
    normal1000: "30afa690eb317ed559e5dfd97529d4eaee0e8e0c10763de71e5a9952f9a09e45",
    randperm8: [2, 6, 3, 5, 0, 4, 1, 7],
    randint6: [36, -34, -45, -3, 31, -9],
  },
  {
    seed: 2147483648n,
    rand3: [1063889178, 1062474756, 1030844688],
    mixed: [
      3199809999,
      1065940016,
      1035686010,
      1058514994,
      1041759736,
      3203913993,
      1024804282,
      1076073014,
      1056550066,
      3198266099,
      1066482482,
      3162398242,
    ],
    uniform1000: "5471808671bff42419b73c7088c4701434e034ff44242725c00e46207dd9d611",
    normal1000: "30afa690eb317ed559e5dfd97529d4eaee0e8e0c10763de71e5a9952f9a09e45",
    randperm8: [2, 6, 3, 5, 0, 4, 1, 7],
    randint6: [36, -34, -45, -3, 31, -9],
  },
];
