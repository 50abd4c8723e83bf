/// Tensors of a configuration's sizes with random numbers in them, for measuring where no model is.
///
/// A tensor is made when it is asked for, and again when it is asked for again: whoever loads a model asks once, and nothing is
/// kept twice. The numbers depend on the seed and the tensor's name alone. They are scaled so that activations stay finite.
public struct RandomWeights: TensorSource {
    private let shapes: [String: [Int]]
    private let scalarType: ScalarType
    private let seed: UInt64
    /// A matrix of which only some rows keep their size: the others are a thousandth of it.
    private var spoken: (name: String, rows: Range<Int>)?
    public let names: [String]

    public var location: String { "random weights" }

    /// The weights of a language model in bfloat16, as the published ones are.
    public static func languageModel(_ configuration: LanguageModelConfiguration = .mossTTSD, seed: UInt64 = 0)
        -> RandomWeights
    {
        RandomWeights(LanguageModelTensors.expected(configuration), scalarType: .bfloat16, seed: seed)
    }

    /// The same, but with a head whose scores of speech alone differ from 0: no other id is ever among the best.
    static func talkingLanguageModel(_ configuration: LanguageModelConfiguration) -> RandomWeights {
        var weights = languageModel(configuration)
        weights.spoken = ("model.embedding_list.0.weight", configuration.speechTokenRange)
        return weights
    }

    /// The weights of a codec in float32, as the published ones are.
    public static func codec(_ configuration: CodecConfiguration = .xyTokenizer24k, seed: UInt64 = 0)
        -> RandomWeights
    {
        RandomWeights(CodecTensors.expected(configuration), scalarType: .float32, seed: seed)
    }

    /// - Parameter scalarType: `float32` or `bfloat16`.
    init(_ expected: [ExpectedTensor], scalarType: ScalarType, seed: UInt64) {
        precondition(scalarType == .float32 || scalarType == .bfloat16, "random \(scalarType) is not made")
        shapes = Dictionary(expected.filter(\.isRequired).map { ($0.name, $0.shape) }) { first, _ in first }
        names = shapes.keys.sorted()
        self.scalarType = scalarType
        self.seed = seed
    }

    public func layout(_ name: String) -> TensorLayout? {
        shapes[name].map { TensorLayout(shape: $0, scalarType: scalarType) }
    }

    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let shape = shapes[name] else { throw missing(name) }
        let (centre, amplitude) = Self.spread(name, shape)
        let start = seed ^ Self.number(of: name)
        let count = shape.reduce(1, *)
        let width = shape.last ?? 1
        let loud = spoken.flatMap { $0.name == name ? $0.rows.lowerBound * width..<$0.rows.upperBound * width : nil }
        let owner = OwnedBytes(count: count * scalarType.size) { bytes in
            if scalarType == .bfloat16 {
                let numbers = bytes.bindMemory(to: UInt16.self)
                Self.fill(count, from: start, centre, amplitude) { index, number in
                    let isLoud = loud?.contains(index) ?? true
                    numbers[index] = UInt16((isLoud ? number : number / 1024).bitPattern >> 16)
                }
            } else {
                let numbers = bytes.bindMemory(to: Float.self)
                Self.fill(count, from: start, centre, amplitude) { numbers[$0] = $1 }
            }
        }
        return StoredTensor(
            name: name, shape: shape, scalarType: scalarType, file: location, owner: owner,
            range: 0..<count * scalarType.size)
    }

    /// Middle and half width of the numbers: norms scale by about 1, a weight keeps the size of what it is applied to.
    private static func spread(_ name: String, _ shape: [Int]) -> (centre: Float, amplitude: Float) {
        if name.hasSuffix(".weight_g") || (shape.count == 1 && name.hasSuffix(".weight")) { return (1, 0.1) }
        if shape.count == 1 { return (0, 0.02) }
        let inputs = shape.dropFirst().reduce(1, *)
        return (0, (3 / Float(inputs)).squareRoot())
    }

    /// Gives every index a number; four come from one draw.
    @inline(__always)
    private static func fill(
        _ count: Int, from start: UInt64, _ centre: Float, _ amplitude: Float, _ store: (Int, Float) -> Void
    ) {
        let step = amplitude / 32_768
        var state = start
        var index = 0
        while index < count {
            state &+= 0x9E37_79B9_7F4A_7C15
            var draw = mixed(state)
            for place in index..<min(index + 4, count) {
                store(place, centre + step * Float(Int16(truncatingIfNeeded: draw)))
                draw >>= 16
            }
            index += 4
        }
    }

    /// The mixing step of SplitMix64 (Steele, Lea, Flood 2014).
    @inline(__always)
    private static func mixed(_ state: UInt64) -> UInt64 {
        let first = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        let second = (first ^ (first >> 27)) &* 0x94D0_49BB_1331_11EB
        return second ^ (second >> 31)
    }

    /// A number for a name that is the same in every process (FNV-1a).
    private static func number(of name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
