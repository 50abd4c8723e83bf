public import Foundation

/// The files of a codec, found in one folder: a YAML or JSON configuration and a checkpoint.
public struct CodecFiles: Sendable {
    public let folder: URL
    /// A `*.yaml`, or the `config.json` of the Hugging Face port.
    public let configurationFile: URL
    /// `*.safetensors` (or the index of shards) before `xy_tokenizer.ckpt`, `MOSS_TTSD_tokenizer` or another `*.ckpt`/`*.pt`.
    public let weightsFile: URL

    /// Fails when the folder holds no codec.
    ///
    /// Of several configurations that one counts whose vocoder has the width of the weights' last layer: the published
    /// repository keeps those of the 24 kHz and of the 32 kHz codec side by side.
    public init(folder: URL) throws(CheckpointError) {
        let listing = try FolderListing(folder)
        let candidates = Self.configurations(listing)
        guard !candidates.isEmpty else {
            throw CheckpointError(
                .missing, file: folder.path, subject: "*.yaml", "there is no codec configuration",
                remedy: "put the YAML file of the codec beside its checkpoint")
        }
        guard let weights = Self.weights(listing) else {
            throw CheckpointError(
                .missing, file: folder.path, subject: "xy_tokenizer.ckpt", "there is no codec checkpoint",
                remedy: "fetch xy_tokenizer.ckpt, MOSS_TTSD_tokenizer or model.safetensors")
        }
        self.folder = folder
        weightsFile = weights
        configurationFile = candidates.count == 1 ? candidates[0] : try Self.matching(candidates, weights: weights)
    }

    private static func configurations(_ listing: FolderListing) -> [URL] {
        let yaml = listing.files.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            .map { listing.folder.appending(path: $0) }
            .filter { Self.describesCodec((try? ConfigurationFile.yaml($0)) ?? .null) }
        if !yaml.isEmpty { return yaml }
        return listing.file("config.json").map { [$0] }?
            .filter { Self.describesCodec((try? ConfigurationFile.json($0)) ?? .null) } ?? []
    }

    private static func describesCodec(_ value: ConfigurationValue) -> Bool {
        guard let top = value.asTable else { return false }
        return [top, top["generator_params"]?.asTable, top["codec_config"]?.asTable].contains {
            $0?["quantizer_kwargs"] != nil
        }
    }

    private static func weights(_ listing: FolderListing) -> URL? {
        let named = ["model.safetensors", "model.safetensors.index.json"].first { listing.file($0) != nil }
        let others = [".safetensors", ".ckpt", ".pt"].lazy.compactMap { ending in
            listing.files.first { $0.hasSuffix(ending) && !$0.contains("-of-") }
        }
        let name = named ?? others.first ?? listing.files.first { $0 == "MOSS_TTSD_tokenizer" }
        return name.map { listing.folder.appending(path: $0) }
    }

    private static func matching(_ candidates: [URL], weights: URL) throws(CheckpointError) -> URL {
        let tensors = try TensorAliases.codec(TensorFiles.open(weights))
        let head = "enhanced_vocos.head.out.bias"
        let stored = tensors.layout(head)?.shape
        for candidate in candidates {
            guard let configuration = try? CodecConfiguration(file: candidate) else { continue }
            let implied = CodecTensors.expected(configuration).first { $0.name == head }?.shape
            if implied == stored { return candidate }
        }
        throw CheckpointError(
            .badValue, file: weights.path, subject: head,
            "none of \(candidates.map(\.lastPathComponent).joined(separator: ", ")) describes these weights")
    }

    public func configuration() throws(CheckpointError) -> CodecConfiguration {
        try CodecConfiguration(file: configurationFile)
    }

    /// The weights under canonical names, every one that the configuration implies, of its shape, and no other.
    public func tensors(_ configuration: CodecConfiguration) throws(CheckpointError) -> any TensorSource {
        let tensors = try PositionalTables(completing: openTensors(), configuration)
        try tensors.requireAgreement(with: CodecTensors.expected(configuration))
        return tensors
    }

    private func openTensors() throws(CheckpointError) -> any TensorSource {
        try TensorAliases.codec(TensorFiles.open(weightsFile))
    }

    /// Everything that is wrong with it; reads every weight once.
    public func check() -> [ModelFinding] {
        CheckpointError.findings { () throws(CheckpointError) in
            let configuration = try configuration()
            let expected = CodecTensors.expected(configuration)
            let stored = try TensorFiles.open(weightsFile)
            let tensors = try PositionalTables(completing: TensorAliases.codec(stored), configuration)
            let damaged = (stored as? TorchArchive)?.damagedEntries() ?? []
            return damaged + tensors.findings(against: expected) + tensors.findingsInNumbers(of: expected)
        }
    }

    /// Names these weights and this configuration; changes with any byte of a weight that is read. The same for a checkpoint
    /// and for its conversion to safetensors, so that codes kept under one are good for the other.
    public func contentHash() throws(CheckpointError) -> String {
        let configuration = try configuration()
        return try ContentHash.hash(
            configuration.canonicalText, tensors(configuration), CodecTensors.expected(configuration))
    }

    /// The same, made only when the files are others than those that `stamps` remember.
    public func contentHash(_ stamps: HashStamps) throws(CheckpointError) -> String {
        let files = try [configurationFile] + TensorFiles.all(of: weightsFile)
        return try stamps.hash("codec", of: files) { () throws(CheckpointError) in try contentHash() }
    }
}
