/// Why the language model refuses a request or gives it up.
public enum LanguageModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The configuration asks for what the kernels or the frames' 16 bits cannot hold.
    case unsupported(field: String, value: Int, allowed: ClosedRange<Int>)
    /// The prompt's matrix has another number of channels than the model.
    case wrongChannels(given: Int, expected: Int)
    /// The prompt has too few rows: its shifted matrix ends with `channels - 1` tail rows, and something must precede.
    case promptTooShort(rows: Int, minimum: Int)
    /// Prompt and new rows together are longer than the model's context or the engine's limit.
    case tooLong(rows: Int, maximum: Int)
    /// An id of the prompt, or of the frames to go on from, is not in its channel's vocabulary.
    case idOutOfVocabulary(row: Int, channel: Int, id: Int, size: Int)
    /// A field of the request has a value that is not allowed.
    case badField(name: String, value: String, allowed: String)
    /// The memory for keys and values could not hold the request even alone.
    case tooLargeForMemory(bytes: Int, available: Int)
    /// The engine's limit of memory is below what weights, buffers and the least of keys and values take, in bytes.
    case memoryTooSmall(limit: Int, weights: Int, buffers: Int, least: Int)
    /// As many requests as the engine takes are waiting.
    case overloaded(waiting: Int)
    /// The scores of a channel hold no number: the weights are broken.
    case noNumbers(step: Int, channel: Int)
    case cancelled
    /// The engine was shut down while the request waited or ran.
    case stopped

    public var description: String {
        switch self {
        case .unsupported(let field, let value, let allowed):
            "the model's \(field) is \(value); built for \(allowed.lowerBound) to \(allowed.upperBound)"
        case .wrongChannels(let given, let expected):
            "the prompt has \(given) channels, the model \(expected)"
        case .promptTooShort(let rows, let minimum):
            "the prompt's shifted matrix has \(rows) rows; at least \(minimum) are needed, the tail included"
        case .tooLong(let rows, let maximum):
            "prompt and new rows make \(rows); allowed are \(maximum): shorten the script or lower the length limit"
        case .idOutOfVocabulary(let row, let channel, let id, let size):
            "row \(row), channel \(channel): id \(id) is not in the vocabulary of \(size)"
        case .badField(let name, let value, let allowed): "\(name) is \(value); allowed is \(allowed)"
        case .tooLargeForMemory(let bytes, let available):
            "the request needs \(bytes) bytes for keys and values; the engine has \(available)"
        case .memoryTooSmall(let limit, let weights, let buffers, let least):
            "the memory limit is \(limit >> 20) MB; weights take \(Self.megabytes(weights)), buffers and the process "
                + "\(Self.megabytes(buffers)), keys and values at least \(Self.megabytes(least)): allow "
                + "\(Self.megabytes(weights + buffers + least)) MB, choose weights of fewer bits, or lower slots or "
                + "prefill_rows"
        case .overloaded(let waiting): "\(waiting) requests wait already; try again later"
        case .noNumbers(let step, let channel):
            "the scores of channel \(channel) at step \(step) hold no number: the weights are broken"
        case .cancelled: "cancelled"
        case .stopped: "the engine was shut down"
        }
    }
    private static func megabytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
}
