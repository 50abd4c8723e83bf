// The constants of the exponential, shared by the oracle and the vector text.
//
// exp(x) = 2^n * exp(r), n = x / ln 2 rounded to even, r = x - n ln 2 in two steps; exp(r) by a polynomial of degree 6
// (the coefficients of the Cephes library's expf). Within 1 ulp or so of the true value on [-87.3, 88].
#pragma once

#define EXP_LOWEST (-87.3f) // below this the result is 0
#define EXP_HIGHEST 88.0f   // above this the argument is taken as this
#define EXP_LOG2_E 1.44269504088896341f
#define EXP_LN2_HIGH 0.693359375f
#define EXP_LN2_LOW (-2.12194440e-4f)
#define EXP_C0 1.9875691500e-4f
#define EXP_C1 1.3981999507e-3f
#define EXP_C2 8.3334519073e-3f
#define EXP_C3 4.1665795894e-2f
#define EXP_C4 1.6666665459e-1f
#define EXP_C5 5.0000001201e-1f

// The weights of attention in bf16: 2^x, x = n + r - WEIGHT_SHIFT, n whole. 2^(r + WEIGHT_SHIFT) by a polynomial of degree
// 4 for -0.5 <= r <= 0.5, within 3e-6 of the true value; WEIGHT_SHIFT is log2(181/128), so that the last step of the
// polynomial, in the presence of WEIGHT_ROUND, rounds to whole 128ths: what bf16 holds from 1 to 2.
#define WEIGHT_LOG2_E 1.44269504088896341f
#define WEIGHT_SHIFT 0.49984589f
#define WEIGHT_WHOLE 12582912.0f // 1.5 * 2^23: adding it rounds to whole numbers, which are then its last bits
#define WEIGHT_ROUND 98304.0f    // 1.5 * 2^16: adding it rounds to 128ths
#define WEIGHT_LOWEST (-40.0f)   // below this the weight is 0
#define WEIGHT_C0 1.4140625f
#define WEIGHT_C1 0.9801209569f
#define WEIGHT_C2 0.3397153616f
#define WEIGHT_C3 0.07905527204f
#define WEIGHT_C4 0.01355245523f
