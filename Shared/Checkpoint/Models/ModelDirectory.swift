public import Foundation

/// A model as it lies on disk: a language model and the codec that goes with it, found under one path.
///
/// The language model is `PATH/lm`, or `PATH` itself. The codec is, in this order: the folder given, `PATH/codec`, a folder
/// inside the language model's, that folder itself, a folder beside it, or the folder around it; the first that holds a codec
/// configuration and a checkpoint counts, in the order of names.
public struct ModelDirectory: Sendable {
    public let path: URL
    public let languageModel: LanguageModelFiles
    public let codec: CodecFiles
    public let flavor: ModelFlavor

    /// - Parameters:
    ///   - path: The model's folder.
    ///   - codec: The codec's folder, when it lies elsewhere.
    ///   - tokenizer: The tokenizer's folder, when it is not the language model's own.
    ///   - flavor: Wins over what the files suggest.
    public init(_ path: URL, codec: URL? = nil, tokenizer: URL? = nil, flavor: ModelFlavor? = nil)
        throws(CheckpointError)
    {
        let folder = try Self.languageModelFolder(path)
        self.path = path
        languageModel = try LanguageModelFiles(folder: folder, tokenizer: tokenizer)
        if let codec {
            self.codec = try CodecFiles(folder: codec)
        } else {
            self.codec = try Self.findCodec(path, languageModel: folder)
        }
        self.flavor = flavor ?? ModelFlavor(languageModel: languageModel, codec: self.codec)
    }

    private static func languageModelFolder(_ path: URL) throws(CheckpointError) -> URL {
        let listing = try FolderListing(path)
        let nested = listing.subfolder("lm")
        if listing.folders.contains("lm"), try FolderListing(nested).file("config.json") != nil { return nested }
        if listing.file("config.json") != nil { return path }
        throw CheckpointError(
            .missing, file: path.path, subject: "config.json", "is neither in this folder nor in its subfolder lm",
            remedy: "give the folder of the language model's snapshot")
    }

    private static func findCodec(_ path: URL, languageModel: URL) throws(CheckpointError) -> CodecFiles {
        let inside = try FolderListing(languageModel)
        let around = languageModel.standardizedFileURL.deletingLastPathComponent()
        var places = [path.appending(path: "codec")]
        places += inside.folders.map(inside.subfolder) + [languageModel]
        if let beside = try? FolderListing(around) { places += beside.folders.map(beside.subfolder) + [around] }
        // A folder of this name is meant as the codec's, so what is wrong with it is what has to be said.
        if (try? FolderListing(places[0])) != nil { return try CodecFiles(folder: places[0]) }
        for place in places {
            if let codec = try? CodecFiles(folder: place) { return codec }
        }
        throw CheckpointError(
            .missing, file: path.path, subject: "codec",
            "no codec (a YAML configuration with a checkpoint) in, under or beside the model",
            remedy: "put xy_tokenizer.ckpt and its YAML file into \(path.path)/codec, or name the codec's folder")
    }

    /// Everything that is wrong with the model, or worth a word, hardest first; reads every weight once.
    public func check() -> [ModelFinding] {
        let findings = languageModel.check() + codec.check() + checkSeam()
        return findings.sorted { $0.severity > $1.severity }
    }

    /// Likewise for a folder that may lack a part, or be no model at all.
    public static func check(_ path: URL, codec: URL? = nil, tokenizer: URL? = nil) -> [ModelFinding] {
        do {
            return try ModelDirectory(path, codec: codec, tokenizer: tokenizer).check()
        } catch {
            var findings = [ModelFinding(error)]
            if let files = try? LanguageModelFiles(folder: languageModelFolder(path), tokenizer: tokenizer) {
                findings += files.check()
            }
            if let codec, let files = try? CodecFiles(folder: codec) { findings += files.check() }
            return findings
        }
    }

    /// Names the language model's numbers: `LanguageModelFiles.contentHash`.
    public func modelHash() throws(CheckpointError) -> String { try languageModel.contentHash() }

    /// Names the codec's numbers, under which voices keep codes: `CodecFiles.contentHash`.
    public func codecHash() throws(CheckpointError) -> String { try codec.contentHash() }

    /// Whether the codes of one are the codes of the other.
    private func checkSeam() -> [ModelFinding] {
        guard let model = try? languageModel.configuration(), let codec = try? codec.configuration() else { return [] }
        let file = languageModel.configurationFile.path
        var findings: [ModelFinding] = []
        if model.channels != codec.quantizer.codebooks {
            findings.append(
                ModelFinding(
                    .error, file: file, subject: "channels",
                    "is \(model.channels), but the codec has \(codec.quantizer.codebooks) codebooks",
                    remedy: "give the codec that the model was trained with"))
        }
        let spoken = min(model.speechTokenRange.count, model.speechPadToken)
        if spoken < codec.quantizer.codebookSize {
            findings.append(
                ModelFinding(
                    .error, file: file, subject: "speech_token_range",
                    "has \(spoken) codes, but the codec's codebooks have \(codec.quantizer.codebookSize) entries",
                    remedy: "give the codec that the model was trained with"))
        } else if spoken > codec.quantizer.codebookSize {
            findings.append(
                ModelFinding(
                    .note, file: file, subject: "speech_token_range",
                    "has \(spoken) codes, of which the codec knows the first \(codec.quantizer.codebookSize)"))
        }
        return findings
    }
}
