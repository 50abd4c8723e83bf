// GELU in its exact erf form.
#pragma once

#include "codec_loops.h"

// To 2e-5 within |x| < 3.8 and to 2.2e-4 (less than bfloat16 tells apart there) beyond: for results that are rounded to
// bfloat16. x times 1/2 plus an odd polynomial, fitted to the normal distribution on |x| <= 4, where it is 0 or 1.
CODEC_INLINE float gelu_near(float x) {
#pragma clang fp contract(fast)
    float near = x < 4.0f ? x : 4.0f;
    near = near > -4.0f ? near : -4.0f;
    float u = near * near;
    float p = u * 7.867029250263613e-11f + -6.800369600767908e-09f;
    p = p * u + 2.6384748252894497e-07f;
    p = p * u + -6.145351562736323e-06f;
    p = p * u + 9.73050991888158e-05f;
    p = p * u + -0.001124214963056147f;
    p = p * u + 0.009845712222158909f;
    p = p * u + -0.06636130064725876f;
    p = p * u + 0.3988969922065735f;
    return x * (p * near + 0.5f);
}

CODEC_INLINE float gelu_of(float x) { return 0.5f * x * (1.0f + erf_of(x * 0.70710678118654752f)); }
