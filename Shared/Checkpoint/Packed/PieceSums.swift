/// Fletcher's sums of a piece of a file: for each of four interleaved streams of 32-bit words, the sum of the words, and the
/// sum of that sum after every word. Any one or two words that change are found for certain, other damage but for a chance
/// of 2⁻¹⁰⁰ or less. Plain additions, so that checking a file takes hardly longer than reading it; against whoever forges a
/// file on purpose it guards no better than the rights of its folder do.
enum PieceSums {
    /// So short that no sum overflows: 2¹⁶ words a stream, 2³² * 2¹⁶ * (2¹⁶ + 1) / 2 < 2⁶⁴.
    static let pieceBytes = 1 << 20
    static let byteCount = 64

    /// - Parameter piece: At most `pieceBytes`, a multiple of 16.
    static func of(_ piece: UnsafeRawBufferPointer) -> [UInt8] {
        precondition(piece.count <= pieceBytes && piece.count % 16 == 0, "a piece of \(piece.count) bytes")
        let low = SIMD2<UInt64>(repeating: 0xFFFF_FFFF)
        var lowSum = SIMD2<UInt64>()
        var lowRunning = SIMD2<UInt64>()
        var highSum = SIMD2<UInt64>()
        var highRunning = SIMD2<UInt64>()
        var place = 0
        while place < piece.count {
            let words = piece.loadUnaligned(fromByteOffset: place, as: SIMD2<UInt64>.self)
            lowSum &+= words & low
            lowRunning &+= lowSum
            highSum &+= words &>> 32
            highRunning &+= highSum
            place += 16
        }
        return [lowSum, lowRunning, highSum, highRunning].flatMap { sum in
            [sum.x, sum.y].flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        }
    }

    /// The pieces of `range`, in order.
    static func pieces(of range: Range<Int>) -> [Range<Int>] {
        stride(from: range.lowerBound, to: range.upperBound, by: pieceBytes).map {
            $0..<min($0 + pieceBytes, range.upperBound)
        }
    }
}
