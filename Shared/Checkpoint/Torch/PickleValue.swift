/// A value on the pickle's stack.
///
/// Containers, storages and tensors stand in tables of the machine and are named by number: no value owns another, so
/// neither depth nor a cycle in the file costs anything.
enum PickleValue: Equatable {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case mark
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)
}

/// The names a tensor file may use. There is nothing behind them but these cases: no name of the file's is ever looked up or called.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case storageType(ScalarType)

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", _):
            guard let type = PickleGlobal.storageTypes[name] else { return nil }
            self = .storageType(type)
        default: return nil
        }
    }

    private static let storageTypes: [String: ScalarType] = [
        "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "DoubleStorage": .float64,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
        "ByteStorage": .uint8, "BoolStorage": .bool,
    ]
}

/// A run of elements in one entry of the archive (`data/<key>`).
struct PickledStorage: Equatable {
    let key: String
    let scalarType: ScalarType
    /// In elements.
    let count: Int
}

/// A view of a storage.
struct PickledTensor: Equatable {
    let storage: PickledStorage
    /// First element, in elements of the storage.
    let offset: Int
    let shape: [Int]
    /// In elements; one a dimension.
    let strides: [Int]

    /// Whether the elements stand in row-major order without a gap.
    var isContiguous: Bool {
        var step = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            if stride != step { return shape.contains(0) }
            step *= size
        }
        return true
    }
}
