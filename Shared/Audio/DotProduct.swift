/// The inner loop of resampling: unsafe, because bounds checks cost more than the arithmetic.
enum DotProduct {
    /// Σ first[i]·second[i] over `count` values, a multiple of `ResamplingFilter.tapGroup`: eight running sums, added
    /// pairwise at the end.
    ///
    /// Invariant: `firstStart + count` and `secondStart + count` lie within the buffers, which is checked once, here.
    static func of(
        _ first: UnsafeBufferPointer<Float>, from firstStart: Int,
        _ second: UnsafeBufferPointer<Float>, from secondStart: Int, count: Int
    ) -> Float {
        precondition(
            firstStart >= 0 && secondStart >= 0 && firstStart + count <= first.count
                && secondStart + count <= second.count && count % ResamplingFilter.tapGroup == 0)
        let left = UnsafeRawBufferPointer(first)
        let right = UnsafeRawBufferPointer(second)
        let size = MemoryLayout<Float>.size
        var sums = SIMD8<Float>.zero
        for index in stride(from: 0, to: count, by: ResamplingFilter.tapGroup) {
            let a = left.loadUnaligned(fromByteOffset: (firstStart + index) * size, as: SIMD8<Float>.self)
            let b = right.loadUnaligned(fromByteOffset: (secondStart + index) * size, as: SIMD8<Float>.self)
            sums += a * b
        }
        let four = sums.lowHalf + sums.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }
}
