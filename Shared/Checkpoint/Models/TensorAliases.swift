/// What other publications of the same models call the tensors. The one place where a foreign name becomes a canonical one.
///
/// Canonical are the names of the reference's own checkpoints, which `LanguageModelTensors` and `CodecTensors` list.
public struct TensorAliases: TensorSource {
    private let base: any TensorSource
    private let storedName: [String: String]
    private let isFlagShape: Bool
    public let names: [String]

    public var location: String { base.location }

    /// Language models: upstream Qwen3 names beside an `embedding_list`, and models fused with their codec.
    public static func languageModel(_ base: any TensorSource) throws(CheckpointError) -> TensorAliases {
        try TensorAliases(base, isCodec: false, canonicalName: languageModelName)
    }

    /// Codecs: the Hugging Face port, and models fused with their codec.
    public static func codec(_ base: any TensorSource) throws(CheckpointError) -> TensorAliases {
        try TensorAliases(base, isCodec: true, canonicalName: codecName)
    }

    /// - Parameter canonicalName: nil for a tensor that belongs to the other half of a fused model.
    private init(_ base: any TensorSource, isCodec: Bool, canonicalName: (String) -> String?) throws(CheckpointError) {
        var storedName: [String: String] = [:]
        for name in base.names {
            guard let canonical = canonicalName(name) else { continue }
            if let other = storedName.updateValue(name, forKey: canonical) {
                throw CheckpointError(
                    .duplicate, file: base.location, subject: canonical,
                    "stands there twice, as \(other) and as \(name)")
            }
        }
        self.base = base
        self.storedName = storedName
        isFlagShape = isCodec
        names = storedName.keys.sorted()
    }

    public func layout(_ name: String) -> TensorLayout? {
        guard let stored = storedName[name], let layout = base.layout(stored) else { return nil }
        return TensorLayout(shape: canonicalShape(name, layout.shape), scalarType: layout.scalarType)
    }

    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let stored = storedName[name] else { throw missing(name) }
        let tensor = try base.tensor(stored)
        return tensor.named(name).reshaped(canonicalShape(name, tensor.shape))
    }

    /// The port stores the flags `inited` without a dimension.
    private func canonicalShape(_ name: String, _ shape: [Int]) -> [Int] {
        isFlagShape && shape.isEmpty && name.hasSuffix(".inited") ? [1] : shape
    }

    static func languageModelName(_ stored: String) -> String? {
        if stored.hasPrefix("codec_model.") || stored.hasPrefix("codec.") { return nil }
        // A table that older writers kept; it follows from the configuration.
        if stored.hasSuffix(".rotary_emb.inv_freq") { return nil }
        for prefix in ["model.layers.", "model.norm.", "model.embed_tokens."] where stored.hasPrefix(prefix) {
            return "model.language_model." + stored.dropFirst("model.".count)
        }
        for prefix in ["embedding_list.", "language_model."] where stored.hasPrefix(prefix) {
            return "model." + stored
        }
        // One head beside upstream's names is channel 0's.
        return stored == "lm_head.weight" ? "lm_heads.0.weight" : stored
    }

    static func codecName(_ stored: String) -> String? {
        for half in ["model.", "lm_heads.", "lm_head."] where stored.hasPrefix(half) { return nil }
        var name = stored
        for prefix in ["codec_model.", "codec."] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
        for (foreign, ours) in [
            (".mlp.fc1.", ".fc1."), (".mlp.fc2.", ".fc2."), (".parametrizations.weight.original0", ".weight_g"),
            (".parametrizations.weight.original1", ".weight_v"),
        ] {
            name.replace(foreign, with: ours, maxReplacements: 1)
        }
        if name.hasSuffix(".positional_embedding.weight") { name.removeLast(".weight".count) }
        return name
    }
}
