public import Foundation

/// The files of a language model, found in one folder.
public struct LanguageModelFiles: Sendable {
    public let folder: URL
    /// `config.json`.
    public let configurationFile: URL
    /// `generation_config.json`, where there is one.
    public let generationFile: URL?
    /// `model.safetensors`, `model.safetensors.index.json`, a single other `*.safetensors`, or `pytorch_model.bin`.
    public let weightsFile: URL
    /// The folder with `tokenizer.json`, or with `vocab.json` and `merges.txt`; nil when neither is there.
    public let tokenizerFolder: URL?

    /// - Parameter tokenizer: The tokenizer's folder when it is not the model's own.
    public init(folder: URL, tokenizer: URL? = nil) throws(CheckpointError) {
        let listing = try FolderListing(folder)
        self.folder = folder
        guard let configuration = listing.file("config.json") else {
            throw CheckpointError(.missing, file: folder.path, subject: "config.json", "this file is not there")
        }
        configurationFile = configuration
        generationFile = listing.file("generation_config.json")
        weightsFile = try Self.weights(listing)
        let tokenizerListing = try tokenizer.map { (url) throws(CheckpointError) in try FolderListing(url) } ?? listing
        tokenizerFolder = Self.holdsTokenizer(tokenizerListing) ? tokenizerListing.folder : nil
    }

    private static func weights(_ listing: FolderListing) throws(CheckpointError) -> URL {
        for name in ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"] {
            if let file = listing.file(name) { return file }
        }
        let others = listing.files.filter { $0.hasSuffix(".safetensors") }
        guard others.count == 1 else {
            throw CheckpointError(
                .missing, file: listing.folder.path, subject: "model.safetensors",
                others.isEmpty ? "there are no weights" : "\(others.count) safetensors files and no index of them",
                remedy: "fetch model.safetensors, or all shards with model.safetensors.index.json")
        }
        return listing.folder.appending(path: others[0])
    }

    private static func holdsTokenizer(_ listing: FolderListing) -> Bool {
        listing.file("tokenizer.json") != nil
            || (listing.file("vocab.json") != nil && listing.file("merges.txt") != nil)
    }

    public func configuration() throws(CheckpointError) -> LanguageModelConfiguration {
        try LanguageModelConfiguration(file: configurationFile)
    }

    /// How to draw; what users recommend when the folder does not say.
    public func generation(channels: Int) throws(CheckpointError) -> GenerationConfiguration {
        guard let generationFile else { return .recommended(channels: channels) }
        return try GenerationConfiguration(file: generationFile, channels: channels)
    }

    /// The weights under canonical names, every one that the configuration implies, of its shape, and no other.
    public func tensors(_ configuration: LanguageModelConfiguration) throws(CheckpointError) -> any TensorSource {
        let tensors = try openTensors()
        try tensors.requireAgreement(with: LanguageModelTensors.expected(configuration))
        return tensors
    }

    private func openTensors() throws(CheckpointError) -> any TensorSource {
        try TensorAliases.languageModel(TensorFiles.open(weightsFile))
    }

    /// Everything that is wrong with it, or worth a word; reads every weight once.
    public func check() -> [ModelFinding] {
        var findings: [ModelFinding] = []
        if tokenizerFolder == nil {
            findings.append(
                ModelFinding(
                    .error, file: folder.path, subject: "tokenizer.json", "there is no tokenizer",
                    remedy: "fetch tokenizer.json, or vocab.json and merges.txt"))
        }
        do {
            let configuration = try configuration()
            if generationFile == nil {
                findings.append(
                    ModelFinding(
                        .warning, file: folder.path, subject: "generation_config.json",
                        "is not there; channels are drawn with temperature 0.9, top-k 50, top-p 0.95"))
            } else {
                findings += CheckpointError.findings { () throws(CheckpointError) in
                    _ = try generation(channels: configuration.channels)
                    return []
                }
            }
            findings += CheckpointError.findings { () throws(CheckpointError) in
                let expected = LanguageModelTensors.expected(configuration)
                let tensors = try openTensors()
                return tensors.findings(against: expected) + tensors.findingsInNumbers(of: expected)
            }
        } catch {
            findings.append(ModelFinding(error))
        }
        return findings
    }

    /// Names these weights and this configuration; changes with any byte of a weight that is read.
    public func contentHash() throws(CheckpointError) -> String {
        let configuration = try configuration()
        return try ContentHash.hash(
            configuration.canonicalText, tensors(configuration), LanguageModelTensors.expected(configuration))
    }

    /// The same, made only when the files are others than those that `stamps` remember.
    public func contentHash(_ stamps: HashStamps) throws(CheckpointError) -> String {
        let files = try [configurationFile] + TensorFiles.all(of: weightsFile)
        return try stamps.hash("language model", of: files) { () throws(CheckpointError) in try contentHash() }
    }
}

extension CheckpointError {
    /// What `body` finds, with the error that ended it.
    static func findings(_ body: () throws(CheckpointError) -> [ModelFinding]) -> [ModelFinding] {
        do {
            return try body()
        } catch {
            return [ModelFinding(error)]
        }
    }
}
