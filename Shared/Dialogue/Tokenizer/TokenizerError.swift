/// Why files are no tokenizer, or none that is understood.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// None of the files that a tokenizer can be read from lies in the folder.
    case noFiles(folder: String)
    case unreadable(file: String, reason: String)
    case tooLarge(file: String, bytes: Int, bytesMax: Int)
    case malformedJSON(file: String, JSONError)
    /// A line of `merges.txt`, counted from 1.
    case malformedMerge(file: String, line: Int)
    case missing(file: String, key: String)
    /// A setting with which the ids would be others than ours; `value` as the file has it.
    case unsupported(setting: String, value: String)
    case idOutOfRange(Int)
    /// A merge needs a token that the vocabulary lacks.
    case mergeOutsideVocabulary(merge: Int, token: String)
    /// No token spells this byte, so that some text could not be written.
    case byteWithoutToken(UInt8)
    case emptyAddedToken(id: Int)
    case addedTokenTooLong(id: Int, bytes: Int, bytesMax: Int)

    public var description: String {
        switch self {
        case .noFiles(let folder):
            "\(folder): no tokenizer.json, nor vocab.json with merges.txt; point at the folder of the language model"
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .tooLarge(let file, let bytes, let bytesMax): "\(file): \(bytes) bytes; allowed are \(bytesMax)"
        case .malformedJSON(let file, let error): "\(file): \(error)"
        case .malformedMerge(let file, let line): "\(file), line \(line): a merge is two tokens and one space between"
        case .missing(let file, let key): "\(file): \(key) is missing"
        case .unsupported(let setting, let value): "tokenizer setting \(setting) = \(value) is not supported"
        case .idOutOfRange(let id): "token id \(id) is negative or far beyond the number of tokens"
        case .mergeOutsideVocabulary(let merge, let token):
            "merge \(merge): token \(token.debugDescription) is not in the vocabulary"
        case .byteWithoutToken(let byte): "the vocabulary has no token for byte \(byte)"
        case .emptyAddedToken(let id): "added token \(id) is empty"
        case .addedTokenTooLong(let id, let bytes, let bytesMax):
            "added token \(id) has \(bytes) bytes; allowed are \(bytesMax)"
        }
    }
}
