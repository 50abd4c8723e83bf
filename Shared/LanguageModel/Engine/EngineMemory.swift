internal import Checkpoint
internal import Compute

/// What an engine takes, in bytes: the formula of Docs/Operations.md.
public struct EngineMemory: Equatable, Sendable {
    /// As a step reads them; mapped files count whole, though other processes share them.
    public let weights: Int
    /// Of a step of `EngineLimits.stepRowsMax` rows, with logits and a choice of ids for every slot.
    public let buffers: Int
    /// Pages of keys and values at most, whole ones.
    public let keysAndValues: Int
    /// Code, stacks and what is under way of the process around the engine: an allowance.
    public static let process = 64 << 20

    public var total: Int { weights + buffers + keysAndValues + Self.process }

    /// Rows of keys and values that an engine must have room for: 80 s of sound, prompts among it.
    static let rowsLeast = 1024

    /// - Throws: `memoryTooSmall` when less is left for keys and values than `rowsLeast` rows, or a whole context, take.
    init(_ model: LanguageModel, _ limits: EngineLimits) throws(LanguageModelError) {
        weights = model.weightBytes
        buffers =
            ForwardScratch.bytes(model, rowsMax: limits.stepRowsMax, logitRowsMax: limits.slots)
            + Sampler.bytes(model, rowsMax: limits.slots)
        let layout = model.cacheLayout
        guard let limit = limits.memoryBytesMax else {
            keysAndValues = limits.cacheBytesMax / layout.pageBytes * layout.pageBytes
            return
        }
        let taken = weights + buffers + Self.process
        let context = limits.rowsMax ?? model.configuration.positionsMax
        let least = layout.pages(forRows: min(Self.rowsLeast, context)) * layout.pageBytes
        guard limit - taken >= least else {
            throw .memoryTooSmall(limit: limit, weights: weights, buffers: buffers + Self.process, least: least)
        }
        keysAndValues = min(limit - taken, limits.cacheBytesMax) / layout.pageBytes * layout.pageBytes
    }
}
