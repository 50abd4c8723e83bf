internal import CKernels

/// How keys and values are kept.
public enum KeyValuePrecision: String, CaseIterable, Sendable {
    case f32
    /// Half the bytes of f32: rounded to the nearest when they are stored, and met by queries and weights that are rounded
    /// so too.
    case bf16

    /// Of an element.
    public var bytes: Int {
        switch self {
        case .f32: 4
        case .bf16: 2
        }
    }
}

/// Attention over pages of keys and values, for one instruction set: `attention.h` has the layout and every sum.
///
/// - Invariant: `table` is one of the constant tables of `CKernels`, which is why `@unchecked Sendable` is true.
public struct AttentionKernels: @unchecked Sendable {
    let table: UnsafePointer<clq_attention_kernels>

    /// Rows of keys and values that stand together in memory.
    public static var pageRows: Int { CLQ_PAGE_ROWS }
    /// Elements that an attention head may have.
    public static var headSizeMax: Int { CLQ_HEAD_WIDTH_MAX }

    /// Causal attention of one key/value head for consecutive tokens of one sequence.
    ///
    /// - Parameters:
    ///   - q: Token `n`, query head `g` of the `group` that shares the head: `headSize` floats at
    ///     `n * stride + g * headSize`. `y` likewise.
    ///   - firstPosition: Of the first token; it sees the keys up to its own.
    ///   - pages: Enough for all keys, those of the new tokens among them; in each, the head's keys `keyOffset` bytes on
    ///     and its values `valueOffset` bytes on. In bf16 their memory was zeros before anything was stored.
    public func attend(
        _ q: UnsafePointer<Float>, stride: Int, firstPosition: Int, positions: Int, group: Int, headSize: Int,
        precision: KeyValuePrecision, pages: UnsafePointer<UnsafeRawPointer>, keyOffset: Int, valueOffset: Int,
        scale: Float, into y: UnsafeMutablePointer<Float>, stride yStride: Int
    ) {
        precondition(headSize <= Self.headSizeMax && (precision == .f32 || headSize % 2 == 0), "a head of \(headSize)")
        let attend =
            switch precision {
            case .f32: table.pointee.attend_f32
            case .bf16: table.pointee.attend_bf16
            }
        attend(q, stride, firstPosition, positions, group, headSize, pages, keyOffset, valueOffset, scale, y, yStride)
    }

    /// Puts one token's key and value, `headSize` floats each, into row `row` of a head's blocks in a page. In bf16 what is
    /// no number, or beyond the range, becomes the largest: whoever sees it comes out spoilt, whoever does not is spared.
    public func store(
        key: UnsafePointer<Float>, value: UnsafePointer<Float>, headSize: Int, precision: KeyValuePrecision, row: Int,
        keys: UnsafeMutableRawPointer, values: UnsafeMutableRawPointer
    ) {
        switch precision {
        case .f32: clq_store_f32(key, value, headSize, row, keys, values)
        case .bf16: clq_store_bf16(key, value, headSize, row, keys, values)
        }
    }
}
