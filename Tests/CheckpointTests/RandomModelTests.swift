import Checkpoint
import Foundation
import TestSupport
import Testing

/// A folder of random weights is a model like any other.
@Suite struct RandomModelTests {
    private static let embedded = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model")

    @Test func aWrittenFolderIsReadAsTheSizesThatItWasMadeOf() throws {
        let scratch = try ScratchFolder()
        let folder = scratch.url.appending(path: "random")
        let original = try ModelDirectory(Self.embedded)
        let languageModel = try original.languageModel.configuration()
        let codec = try original.codec.configuration()
        #expect(!RandomModel.isWhole(folder))
        try RandomModel.write(
            languageModel, codec, tokenizer: original.languageModel.folder, to: folder)
        #expect(RandomModel.isWhole(folder))

        let written = try ModelDirectory(folder)
        #expect(try written.languageModel.configuration() == languageModel)
        #expect(try written.codec.configuration() == codec)
        #expect(written.languageModel.tokenizerFolder != nil)
        #expect(written.languageModel.check().allSatisfy { $0.severity < .error })
        #expect(written.codec.check().allSatisfy { $0.severity < .error })

        // The same numbers as where nothing is written, but for the ids that it is not to say.
        let name = "model.language_model.layers.0.mlp.up_proj.weight"
        let tensors = try written.languageModel.tensors(languageModel)
        let made = RandomWeights.languageModel(languageModel)
        #expect(try tensors.tensor(name).floats() == made.tensor(name).floats())
        let head = try tensors.tensor("model.embedding_list.0.weight").floats()
        let width = languageModel.hiddenSize
        func size(_ row: Int) -> Float { head[row * width..<(row + 1) * width].map(abs).max() ?? 0 }
        let speech = languageModel.speechTokenRange
        let quietest = speech.map(size).min() ?? 0
        let loudest = (0..<languageModel.vocabularySize).filter { !speech.contains($0) }.map(size).max() ?? 0
        #expect(loudest * 100 < quietest)
    }

    @Test(arguments: [CodecConfiguration.xyTokenizer24k, .xyTokenizer32k])
    func publishedSizesSurviveTheirFiles(codec: CodecConfiguration) throws {
        // Sizes alone: the weights would take gigabytes.
        let scratch = try ScratchFolder()
        let file = scratch.url.appending(path: "codec.yaml")
        try RandomModel.configurationText(codec).write(to: file)
        #expect(try CodecConfiguration(file: file) == codec)
        let config = scratch.url.appending(path: "config.json")
        try RandomModel.configurationText(.mossTTSD).write(to: config)
        #expect(try LanguageModelConfiguration(file: config) == .mossTTSD)
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
        let scratch = try ScratchFolder()
        let original = try ModelDirectory(Self.embedded)
        let folder = scratch.url.appending(path: "random")
        // A folder has the name of the weights.
        try FileManager.default.createDirectory(
            at: folder.appending(path: "codec/model.safetensors/x"), withIntermediateDirectories: true)
        let error = #expect(throws: PackedFileWriter.CannotWrite.self) {
            try RandomModel.write(
                original.languageModel.configuration(), original.codec.configuration(),
                tokenizer: original.languageModel.folder, to: folder)
        }
        #expect(error?.path.hasSuffix("codec/model.safetensors") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/codec/model.safetensors.part"))
        #expect(!RandomModel.isWhole(folder))
    }
}
