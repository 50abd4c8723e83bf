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
