/// What an engine may use. Every queue and buffer of it is bounded by these.
public struct EngineLimits: Equatable, Sendable {
    /// Requests generated at once, 1...256. Each costs one row of logits and its share of `cacheBytesMax`.
    public var slots = 4
    /// Requests that may wait for a slot; more are refused as overloaded.
    public var waitingMax = 64
    /// Bytes of keys and values, all slots together; a request needs `LanguageModel.cacheBytesPerRow` for each of its
    /// prompt's and its new rows, in pages of 64 rows, and waits until they are free.
    public var cacheBytesMax = 2 << 30
    /// Rows of prompts that a step may read beside its decode rows: more read faster, fewer let the others wait less.
    public var prefillRows = 128
    /// Bytes for weights, buffers, keys and values and the process itself (`EngineMemory`); nil for what they take. What
    /// is left for keys and values then may be less than `cacheBytesMax`.
    public var memoryBytesMax: Int?
    /// Rows of one sequence; nil for the context that the model claims.
    public var rowsMax: Int?

    public init() {}

    /// The same for a step in which no stream runs that would wait: the weights are read for more rows at once.
    public var prefillRowsAlone: Int { 4 * prefillRows }

    /// Rows of a step at most: one of every running stream and those of prompts, or prompts alone.
    public var stepRowsMax: Int { max(slots + prefillRows, prefillRowsAlone) }

    func check() throws(LanguageModelError) {
        func require(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(LanguageModelError) {
            guard allowed.contains(value) else {
                throw .badField(
                    name: name, value: "\(value)", allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
            }
        }
        try require("slots", slots, 1...256)
        try require("waitingMax", waitingMax, 0...100_000)
        try require("cacheBytesMax", cacheBytesMax, 1...(1 << 46))
        try require("prefillRows", prefillRows, 1...4096)
        try require("memoryBytesMax", memoryBytesMax ?? 1, 1...(1 << 46))
        try require("rowsMax", rowsMax ?? 1, 1...16_777_216)
    }
}
