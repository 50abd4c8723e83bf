/// Where a tensor's bytes stand in a file: a claim of the file's, checked against it before use.
struct TensorPlace: Sendable {
    let layout: TensorLayout
    /// Bytes from the start of the file.
    let range: Range<Int>

    /// No tensor of any model has more dimensions.
    static let rankMax = 8

    /// Bytes of a shape, or nil when a dimension is negative, there are too many, or the product overflows.
    static func byteCount(shape: [Int], scalarType: ScalarType) -> Int? {
        guard shape.count <= rankMax, shape.allSatisfy({ $0 >= 0 }) else { return nil }
        // A dimension of 0 must not hide an overflow of the others, which strides would run into.
        let bound = shape.reduce(into: (partialValue: scalarType.size, overflow: false)) { product, dimension in
            let (value, overflow) = product.partialValue.multipliedReportingOverflow(by: max(dimension, 1))
            product = (value, product.overflow || overflow)
        }
        if bound.overflow { return nil }
        return shape.contains(0) ? 0 : bound.partialValue
    }

    /// The tensor: the mapped bytes themselves, or a copy where they are not aligned to their element.
    func tensor(_ name: String, in owner: any ByteOwner, file: String) -> StoredTensor {
        let isAligned = range.lowerBound % layout.scalarType.size == 0
        if isAligned || range.isEmpty {
            return StoredTensor(
                name: name, shape: layout.shape, scalarType: layout.scalarType, file: file, owner: owner,
                range: range)
        }
        let copy = OwnedBytes(count: range.count) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: owner.bytes[range]))
        }
        return StoredTensor(
            name: name, shape: layout.shape, scalarType: layout.scalarType, file: file, owner: copy,
            range: 0..<range.count)
    }
}
