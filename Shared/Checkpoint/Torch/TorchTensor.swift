/// A tensor of an archive, its storage found and every element known to lie in it.
struct TorchTensor {
    /// Layout, and the bytes from the first element on; the whole storage when it has to be gathered.
    let place: TensorPlace
    /// How to put the elements in order, when the storage does not have them so.
    let gather: Gather?

    init(_ name: String, _ tensor: PickledTensor, zip: ZipDirectory, root: String, file: String) throws(CheckpointError)
    {
        let type = tensor.storage.scalarType
        let entryName = root + "data/" + tensor.storage.key
        guard let entry = zip.entries[entryName] else {
            throw CheckpointError(
                .missing, file: file, subject: name, "its bytes, \(entryName), are not in the archive")
        }
        let (storageBytes, overflow) = tensor.storage.count.multipliedReportingOverflow(by: type.size)
        guard !overflow, entry.range.count == storageBytes else {
            throw CheckpointError(
                .truncated, file: file, subject: name,
                "its storage \(entryName) has \(entry.range.count) bytes; \(tensor.storage.count) of \(type) were promised"
            )
        }
        guard let byteCount = TensorPlace.byteCount(shape: tensor.shape, scalarType: type),
            tensor.strides.count == tensor.shape.count, let last = TorchTensor.lastElement(tensor)
        else {
            throw CheckpointError(
                .malformed, file: file, subject: name,
                "shape \(tensor.shape) with strides \(tensor.strides) is no tensor")
        }
        guard tensor.offset >= 0, tensor.shape.contains(0) || last < tensor.storage.count else {
            throw CheckpointError(
                .outOfRange, file: file, subject: name,
                "reaches to element \(last) of a storage of \(tensor.storage.count)")
        }
        // Strides of 0 repeat elements; a few bytes could claim any amount of memory.
        guard byteCount <= storageBytes else {
            throw CheckpointError(
                .tooLarge, file: file, subject: name, "is \(byteCount) bytes made from a storage of \(storageBytes)")
        }
        let layout = TensorLayout(shape: tensor.shape, scalarType: type)
        if tensor.isContiguous {
            let start = byteCount == 0 ? entry.range.lowerBound : entry.range.lowerBound + tensor.offset * type.size
            place = TensorPlace(layout: layout, range: start..<start + byteCount)
            gather = nil
        } else {
            place = TensorPlace(layout: layout, range: entry.range)
            gather = Gather(storage: entry.range, offset: tensor.offset, strides: tensor.strides)
        }
    }

    /// The tensor: the bytes of the file themselves where they are in order, else a copy that is.
    func stored(_ name: String, in owner: any ByteOwner, file: String) -> StoredTensor {
        gather.map { $0.tensor(name, place.layout, in: owner, file: file) } ?? place.tensor(name, in: owner, file: file)
    }

    /// Index in the storage of the last element; nil when it overflows or a stride is negative.
    private static func lastElement(_ tensor: PickledTensor) -> Int? {
        var last = tensor.offset
        for (size, stride) in zip(tensor.shape, tensor.strides) where size > 1 {
            guard stride >= 0 else { return nil }
            let (reach, tooFar) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflow) = last.addingReportingOverflow(reach)
            if tooFar || overflow { return nil }
            last = sum
        }
        return last
    }

    /// A view whose elements do not stand in row-major order.
    struct Gather {
        /// Bytes of the file.
        let storage: Range<Int>
        let offset: Int
        let strides: [Int]

        /// A copy in row-major order.
        func tensor(_ name: String, _ layout: TensorLayout, in owner: any ByteOwner, file: String) -> StoredTensor {
            let size = layout.scalarType.size
            let source = UnsafeRawBufferPointer(rebasing: owner.bytes[storage])
            let byteCount = layout.shape.reduce(size, *)
            let copy = OwnedBytes(count: byteCount) { target in
                var index = Array(repeating: 0, count: layout.shape.count)
                var element = offset
                for position in stride(from: 0, to: byteCount, by: size) {
                    UnsafeMutableRawBufferPointer(rebasing: target[position..<position + size])
                        .copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: source[element * size..<(element + 1) * size]))
                    // The next index in row-major order, and its element.
                    for axis in layout.shape.indices.reversed() {
                        index[axis] += 1
                        element += strides[axis]
                        if index[axis] < layout.shape[axis] { break }
                        element -= index[axis] * strides[axis]
                        index[axis] = 0
                    }
                }
            }
            return StoredTensor(
                name: name, shape: layout.shape, scalarType: layout.scalarType, file: file, owner: copy,
                range: 0..<byteCount)
        }
    }
}
