/// What a part's process tells the one that started it.
public struct PartReport: Codable, Equatable, Sendable {
    public var part: BenchmarkPart
    public var machine: MachineFigures?
    public var languageModel: LanguageModelFigures?
    public var codec: CodecFigures?
    public var layers: LayerFigures?
    /// Of the part's process.
    public var peakMemoryBytes: Int?

    public init(part: BenchmarkPart) { self.part = part }
}

/// What the machine allows. The greatest sample counts: a disturbance can only lower one.
public struct MachineFigures: Codable, Equatable, Sendable {
    public var instructionSet: String
    public var bytesReadPerSecond: Samples?
    /// Of f32.
    public var operationsPerSecond: Samples?
    /// Of bf16 and of bytes; nil where the instruction set multiplies none.
    public var bfloat16OperationsPerSecond: Samples?
    public var byteOperationsPerSecond: Samples?

    public init(
        instructionSet: String, bytesReadPerSecond: Samples?, operationsPerSecond: Samples?,
        bfloat16OperationsPerSecond: Samples? = nil, byteOperationsPerSecond: Samples? = nil
    ) {
        self.instructionSet = instructionSet
        self.bytesReadPerSecond = bytesReadPerSecond
        self.operationsPerSecond = operationsPerSecond
        self.bfloat16OperationsPerSecond = bfloat16OperationsPerSecond
        self.byteOperationsPerSecond = byteOperationsPerSecond
    }

    /// What layers of these weights may hope for, and of which numbers: of bytes where they are packed and there is an
    /// instruction.
    public func multiplyAdds(ofBytes: Bool) -> (numbers: String, perSecond: Double)? {
        if ofBytes, let bytes = byteOperationsPerSecond { return ("int8", bytes.greatest) }
        return operationsPerSecond.map { ("f32", $0.greatest) }
    }
}

public struct LanguageModelFigures: Codable, Equatable, Sendable {
    /// Sequences that step together.
    public struct Streams: Codable, Equatable, Sendable {
        public var streams: Int
        public var rowsPerSecond: Samples?

        public init(streams: Int, rowsPerSecond: Samples?) {
            self.streams = streams
            self.rowsPerSecond = rowsPerSecond
        }
    }

    /// Of most weights: `bf16`.
    public var precision: String
    /// Steps a second that are real time.
    public var frameRate: Double
    /// To pack the weights into a file, which only the first start does; nil where that was done.
    public var packSeconds: Double?
    /// To load the model at a later start.
    public var loadSeconds: Double
    /// That a step reads.
    public var weightBytes: Int
    /// That a row of a prompt costs.
    public var operationsPerRow: Int
    public var promptRows: Int
    /// Rows behind which steps were timed.
    public var depth: Int
    public var prefillRowsPerSecond: Samples?
    public var stepsPerSecond: Samples?
    public var streams: [Streams]
    /// Whether the layers multiply bytes, or f32.
    public var multipliesBytes: Bool

    public init(
        precision: String, frameRate: Double, packSeconds: Double? = nil, loadSeconds: Double, weightBytes: Int,
        operationsPerRow: Int, promptRows: Int, depth: Int, prefillRowsPerSecond: Samples?, stepsPerSecond: Samples?,
        streams: [Streams], multipliesBytes: Bool = false
    ) {
        self.precision = precision
        self.frameRate = frameRate
        self.packSeconds = packSeconds
        self.loadSeconds = loadSeconds
        self.weightBytes = weightBytes
        self.operationsPerRow = operationsPerRow
        self.promptRows = promptRows
        self.depth = depth
        self.prefillRowsPerSecond = prefillRowsPerSecond
        self.stepsPerSecond = stepsPerSecond
        self.streams = streams
        self.multipliesBytes = multipliesBytes
    }

    /// Seconds of work a second of speech, for one stream or for each of several that step together.
    public func realTimeFactor(rowsPerSecond: Double, streams: Int = 1) -> Double {
        frameRate * Double(streams) / rowsPerSecond
    }

    /// The part of what memory can deliver that decoding used, one reading of the weights a step.
    public func bandwidthShare(stepsPerSecond: Double, machine: MachineFigures) -> Double? {
        machine.bytesReadPerSecond.map { stepsPerSecond * Double(weightBytes) / $0.greatest }
    }

    /// The part of what the processor can compute that prefill used, and in which numbers.
    public func arithmeticShare(
        rowsPerSecond: Double, machine: MachineFigures
    ) -> (share: Double, numbers: String)? {
        machine.multiplyAdds(ofBytes: multipliesBytes)
            .map { (rowsPerSecond * Double(operationsPerRow) / $0.perSecond, $0.numbers) }
    }
}

public struct CodecFigures: Codable, Equatable, Sendable {
    /// Of encoder and decoder: `bf16`, `f32/bf16`.
    public var precision: String
    public var loadSeconds: Double
    /// Of sound.
    public var encodedSeconds: Double
    /// Of work.
    public var encodeSeconds: Samples?
    /// Of sound.
    public var decodedSeconds: Double
    /// Of work.
    public var decodeSeconds: Samples?
    /// Of work, for as much sound behind a reference.
    public var referencedDecodeSeconds: Samples?

    public init(
        precision: String, loadSeconds: Double, encodedSeconds: Double, encodeSeconds: Samples?, decodedSeconds: Double,
        decodeSeconds: Samples?, referencedDecodeSeconds: Samples?
    ) {
        self.precision = precision
        self.loadSeconds = loadSeconds
        self.encodedSeconds = encodedSeconds
        self.encodeSeconds = encodeSeconds
        self.decodedSeconds = decodedSeconds
        self.decodeSeconds = decodeSeconds
        self.referencedDecodeSeconds = referencedDecodeSeconds
    }
}

/// All parts of one subject.
public struct BenchmarkReport: Codable, Equatable, Sendable {
    public var frame: MeasurementFrame
    public var repetitions: Int
    public var languageModel: LanguageModelFigures?
    public var codec: CodecFigures?
    public var layers: LayerFigures?
    /// By part; what a generator, and what a codec would have in use.
    public var peakMemoryBytes: [String: Int] = [:]

    public init(_ frame: MeasurementFrame, repetitions: Int) {
        self.frame = frame
        self.repetitions = repetitions
    }

    public mutating func add(_ part: PartReport) {
        frame.machine = part.machine ?? frame.machine
        languageModel = part.languageModel ?? languageModel
        codec = part.codec ?? codec
        layers = part.layers ?? layers
        if part.part != .machine { peakMemoryBytes[part.part.rawValue] = part.peakMemoryBytes }
    }
}
