// GELU in its exact erf form.
#pragma once

#include "codec_loops.h"

CODEC_INLINE float gelu_of(float x) { return 0.5f * x * (1.0f + erf_of(x * 0.70710678118654752f)); }
