// GELU in its exact erf form.
#pragma once

#include "codec_loops.h"

// Beyond this the normal distribution counts as 0 or 1.
#define GELU_NEAR 4.0f
// Of x^1, x^3, …, x^17: an odd polynomial that was fitted to the normal distribution less a half within that.
static const float gelu_coefficients[] = {
    0.3988969922065735f,   -0.06636130064725876f,  0.009845712222158909f, -0.001124214963056147f,  9.73050991888158e-05f,
    -6.145351562736323e-06f, 2.6384748252894497e-07f, -6.800369600767908e-09f, 7.867029250263613e-11f,
};

// To 2e-5 within |x| < 3.8 and to 2.2e-4 (less than bfloat16 tells apart there) beyond: for results that are rounded to
// bfloat16.
CODEC_INLINE float gelu_near(float x) {
#pragma clang fp contract(fast)
    float near = x < GELU_NEAR ? x : GELU_NEAR;
    near = near > -GELU_NEAR ? near : -GELU_NEAR;
    float u = near * near;
    float p = u * gelu_coefficients[8] + gelu_coefficients[7];
    _Pragma("unroll") for (int power = 6; power >= 0; power--) p = p * u + gelu_coefficients[power];
    return x * (p * near + 0.5f);
}

CODEC_INLINE float gelu_of(float x) { return 0.5f * x * (1.0f + erf_of(x * 0.70710678118654752f)); }
