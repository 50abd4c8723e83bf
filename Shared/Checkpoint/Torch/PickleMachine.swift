/// Reads the pickle of a tensor file: a stack machine that knows tensors, storages and plain containers, and nothing else.
///
/// It executes nothing: a name that is not in `PickleGlobal` ends the reading. Time is linear in the text and every table is
/// bounded, whatever the text says.
struct PickleMachine {
    private var cursor: ByteCursor
    private let file: String
    private var stack: [PickleValue] = []
    private var memo: [Int: PickleValue] = [:]
    private var objects = 0
    private(set) var tuples: [[PickleValue]] = []
    private(set) var lists: [[PickleValue]] = []
    private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    private(set) var storages: [PickledStorage] = []
    private(set) var tensors: [PickledTensor] = []

    /// Twenty times what a published checkpoint has.
    static let bytesMax = 4 << 20
    /// Containers, storages and tensors together; entries of the stack; kept values.
    static let objectsMax = 1_000_000

    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>, file: String) {
        cursor = ByteCursor(bytes, in: range, file: file)
        self.file = file
    }

    /// The value that the pickle stands for.
    mutating func run() throws(CheckpointError) -> PickleValue {
        while true {
            let byte = try cursor.number(UInt8.self)
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw CheckpointError(
                    .unsupported, file: file,
                    "has the pickle opcode 0x\(String(byte, radix: 16)), which no tensor file needs",
                    remedy: "save nothing but the state dictionary")
            }
            if opcode == .stop {
                guard let value = stack.popLast(), stack.isEmpty else { throw malformed("stops with another stack") }
                return value
            }
            try step(opcode)
            guard max(stack.count, memo.count, objects) <= Self.objectsMax else {
                throw CheckpointError(.tooLarge, file: file, "its pickle holds more than \(Self.objectsMax) values")
            }
        }
    }

    private func malformed(_ what: String) -> CheckpointError {
        CheckpointError(.malformed, file: file, "its pickle \(what), before byte \(cursor.position)")
    }

    private mutating func step(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .stop: break
        case .proto:
            let version = try cursor.number(UInt8.self)
            guard (2...5).contains(version) else { throw malformed("is of protocol \(version)") }
        case .frame: try cursor.skip(8)
        case .mark: stack.append(.mark)
        case .none: stack.append(.none)
        case .newTrue: stack.append(.bool(true))
        case .newFalse: stack.append(.bool(false))
        case .integer1: stack.append(.integer(Int(try cursor.number(UInt8.self))))
        case .integer2: stack.append(.integer(try cursor.short()))
        case .integer4: stack.append(.integer(Int(try cursor.number(Int32.self))))
        case .long1: stack.append(.integer(try longInteger()))
        case .float:
            stack.append(.number(Double(bitPattern: try cursor.number(UInt64.self).byteSwapped)))
        case .text: stack.append(.text(try cursor.text(try cursor.long())))
        case .shortText: stack.append(.text(try cursor.text(Int(try cursor.number(UInt8.self)))))
        case .emptyTuple: try push(tuple: [])
        case .tuple: try push(tuple: toMark())
        case .tuple1: try push(tuple: pop(1))
        case .tuple2: try push(tuple: pop(2))
        case .tuple3: try push(tuple: pop(3))
        case .emptyList:
            objects += 1
            lists.append([])
            stack.append(.list(lists.count - 1))
        case .append: try append(pop(1))
        case .appends: try append(toMark())
        case .emptyDictionary: pushDictionary()
        case .setItem: try setItems(pop(2))
        case .setItems: try setItems(toMark())
        case .global: try pushGlobal(module: cursor.line(bytesMax: 256), name: cursor.line(bytesMax: 256))
        case .stackGlobal:
            let names = try pop(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else {
                throw malformed("names something without a text")
            }
            try pushGlobal(module: module, name: name)
        case .reduce: try reduce()
        case .build:
            // The state of a dictionary is the versions of the modules that it came from, which nobody needs.
            _ = try pop(1)
            guard case .dictionary? = stack.last else { throw malformed("sets the state of something") }
        case .persistentID: try pushStorage()
        case .put1: try put(Int(try cursor.number(UInt8.self)))
        case .put4: try put(try cursor.long())
        case .memoize: try put(memo.count)
        case .get1: try get(Int(try cursor.number(UInt8.self)))
        case .get4: try get(try cursor.long())
        }
    }

    // MARK: Stack

    private mutating func pop(_ count: Int) throws(CheckpointError) -> [PickleValue] {
        guard stack.count >= count else { throw malformed("takes more than there is") }
        let taken = Array(stack.suffix(count))
        guard !taken.contains(.mark) else { throw malformed("takes a mark") }
        stack.removeLast(count)
        return taken
    }

    private mutating func toMark() throws(CheckpointError) -> [PickleValue] {
        guard let mark = stack.lastIndex(of: .mark) else { throw malformed("has no mark") }
        let taken = Array(stack[(mark + 1)...])
        stack.removeSubrange(mark...)
        return taken
    }

    private mutating func put(_ place: Int) throws(CheckpointError) {
        guard let value = stack.last, value != .mark else { throw malformed("keeps nothing") }
        memo[place] = value
    }

    private mutating func get(_ place: Int) throws(CheckpointError) {
        guard let value = memo[place] else { throw malformed("recalls what it never kept") }
        stack.append(value)
    }

    private mutating func longInteger() throws(CheckpointError) -> Int {
        let count = Int(try cursor.number(UInt8.self))
        guard count <= 8 else { throw malformed("has an integer of \(count) bytes") }
        var value = 0
        var top: UInt8 = 0
        for index in 0..<count {
            top = try cursor.number(UInt8.self)
            value |= Int(top) << (8 * index)
        }
        // Two's complement of the length that was given.
        return count > 0 && count < 8 && top >= 0x80 ? value - 1 << (8 * count) : value
    }

    // MARK: Containers

    private mutating func push(tuple elements: [PickleValue]) throws(CheckpointError) {
        objects += 1
        tuples.append(elements)
        stack.append(.tuple(tuples.count - 1))
    }

    private mutating func pushDictionary() {
        objects += 1
        dictionaries.append([])
        stack.append(.dictionary(dictionaries.count - 1))
    }

    private mutating func append(_ elements: [PickleValue]) throws(CheckpointError) {
        guard case .list(let list)? = stack.last else { throw malformed("appends to something that is no list") }
        lists[list].append(contentsOf: elements)
    }

    private mutating func setItems(_ items: [PickleValue]) throws(CheckpointError) {
        guard case .dictionary(let dictionary)? = stack.last, items.count % 2 == 0 else {
            throw malformed("sets items of something that is no dictionary")
        }
        for index in stride(from: 0, to: items.count, by: 2) {
            dictionaries[dictionary].append((items[index], items[index + 1]))
        }
    }

    // MARK: Tensors

    private mutating func pushGlobal(module: String, name: String) throws(CheckpointError) {
        guard let global = PickleGlobal(module: module, name: name) else {
            throw CheckpointError(
                .unsupported, file: file, "its pickle calls \(module).\(name), which no tensor file needs",
                remedy:
                    "nothing was executed; save nothing but the state dictionary, and do not load this file elsewhere"
                    + " unless you trust where it comes from")
        }
        stack.append(.global(global))
    }

    /// A call: the three that make what a state dictionary holds.
    private mutating func reduce() throws(CheckpointError) {
        let call = try pop(2)
        guard case .global(let global) = call[0], case .tuple(let tuple) = call[1] else {
            throw malformed("calls something that is no function")
        }
        let arguments = tuples[tuple]
        switch global {
        case .orderedDictionary:
            guard arguments.isEmpty else { throw malformed("makes a dictionary from something") }
            pushDictionary()
        case .rebuildTensor: try pushTensor(arguments)
        case .rebuildParameter:
            guard case .tensor? = arguments.first else { throw malformed("makes a parameter of no tensor") }
            stack.append(arguments[0])
        case .storageType: throw malformed("calls a storage type")
        }
    }

    /// `('storage', type, key, location, count)`.
    private mutating func pushStorage() throws(CheckpointError) {
        guard case .tuple(let tuple)? = try pop(1).first, tuples[tuple].count == 5,
            case .text("storage") = tuples[tuple][0], case .global(.storageType(let type)) = tuples[tuple][1],
            case .text(let key) = tuples[tuple][2], case .integer(let count) = tuples[tuple][4], count >= 0
        else { throw malformed("refers to something that is no storage") }
        objects += 1
        storages.append(PickledStorage(key: key, scalarType: type, count: count))
        stack.append(.storage(storages.count - 1))
    }

    /// `(storage, offset, shape, strides, requires gradient, hooks…)`.
    private mutating func pushTensor(_ arguments: [PickleValue]) throws(CheckpointError) {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
            let shape = integers(arguments[2]), let strides = integers(arguments[3])
        else { throw malformed("makes a tensor of something that is no storage, offset, shape and strides") }
        objects += 1
        tensors.append(
            PickledTensor(storage: storages[storage], offset: offset, shape: shape, strides: strides))
        stack.append(.tensor(tensors.count - 1))
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let tuple) = value, tuples[tuple].count <= TensorPlace.rankMax else { return nil }
        let numbers: [Int] = tuples[tuple].compactMap { if case .integer(let number) = $0 { number } else { nil } }
        return numbers.count == tuples[tuple].count ? numbers : nil
    }
}
