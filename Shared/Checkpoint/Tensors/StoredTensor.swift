/// A named tensor as its file holds it: contiguous, row-major, little-endian, the first byte aligned to the element.
public struct StoredTensor: Sendable {
    public let name: String
    /// Outermost dimension first; empty for a single number.
    public let shape: [Int]
    public let scalarType: ScalarType
    /// The file it stands in, for messages.
    public let file: String

    private let owner: any ByteOwner
    private let range: Range<Int>

    /// `range` counts bytes of `owner`, and has been checked to lie in it and to hold exactly the shape.
    init(
        name: String, shape: [Int], scalarType: ScalarType, file: String, owner: any ByteOwner, range: Range<Int>
    ) {
        precondition(
            range.isEmpty || (range.lowerBound >= 0 && range.upperBound <= owner.bytes.count),
            "\(name): range not checked")
        precondition(range.count == shape.reduce(1, *) * scalarType.size, "\(name): shape not checked")
        self.name = name
        self.shape = shape
        self.scalarType = scalarType
        self.file = file
        self.owner = owner
        self.range = range
    }

    /// A tensor of numbers made in memory.
    public init(name: String, shape: [Int], floats: [Float]) {
        precondition(shape.reduce(1, *) == floats.count, "\(name): \(floats.count) elements are not \(shape)")
        let owner = OwnedBytes(count: floats.count * 4) { bytes in floats.withUnsafeBytes(bytes.copyMemory(from:)) }
        self.init(
            name: name, shape: shape, scalarType: .float32, file: "memory", owner: owner, range: 0..<floats.count * 4)
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
    public var byteCount: Int { range.count }

    /// The elements' bytes, which stay mapped as long as this value lives; the pointer must not outlive `body`.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(owner) {
            range.isEmpty
                ? try body(UnsafeRawBufferPointer(start: nil, count: 0))
                : try body(UnsafeRawBufferPointer(rebasing: owner.bytes[range]))
        }
    }

    /// Lets go of the memory that holds bytes of a mapped file, once they were read; they can still be read again.
    ///
    /// - Parameter bytes: Counted from the tensor's first.
    public func release(_ bytes: Range<Int>) {
        let place = range.lowerBound + bytes.lowerBound..<range.lowerBound + bytes.upperBound
        owner.release(place.clamped(to: range))
    }

    /// The same tensor under another name.
    func named(_ other: String) -> StoredTensor {
        StoredTensor(name: other, shape: shape, scalarType: scalarType, file: file, owner: owner, range: range)
    }

    /// The same elements in another shape of the same count.
    func reshaped(_ other: [Int]) -> StoredTensor {
        StoredTensor(name: name, shape: other, scalarType: scalarType, file: file, owner: owner, range: range)
    }

    /// Every element as Float, in memory of the caller's: floating-point types and truth values; integers are refused.
    public func floats() throws(CheckpointError) -> [Float] {
        switch scalarType {
        case .float32: widened(Float.self) { $0 }
        case .float16: widened(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: widened(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .float64: widened(Double.self) { Float($0) }
        case .bool: widened(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .int64, .int32, .int16, .int8, .uint8:
            throw CheckpointError(
                .wrongType, file: file, subject: name, "holds \(scalarType), where numbers are wanted")
        }
    }

    private func widened<Element>(_: Element.Type, _ widen: (Element) -> Float) -> [Float] {
        let count = count
        return [Float](unsafeUninitializedCapacity: count) { wide, initialized in
            withBytes { bytes in
                let narrow = bytes.assumingMemoryBound(to: Element.self)
                for index in 0..<count { wide[index] = widen(narrow[index]) }
            }
            initialized = count
        }
    }
}

extension StoredTensor: CustomStringConvertible {
    public var description: String { "\(name) \(scalarType) \(shape)" }
}
