import Checkpoint
import Foundation
import TestSupport
import Testing

@Suite struct GoldenCheckpointTests {
    /// Both containers of one model must give the same numbers under the same names.
    @Test(arguments: GoldenModel.all(below: "codec"))
    func readsTheSameTensorsFromTheArchiveAsFromSafetensors(model: GoldenModel) throws {
        let checkpoint = try #require(model.facts["checkpoint"].string)
        let archive = try TorchArchive(model.model.appending(path: checkpoint))
        #expect(!archive.names.isEmpty)
        for name in archive.names { #expect(try archive.tensor(name).count >= 0) }
        guard try #require(model.facts["safetensors"].bool as Bool?) else { return }

        let safetensors = try SafetensorsFile(model.model.appending(path: "model.safetensors"))
        #expect(archive.names == safetensors.names)
        for name in archive.names {
            let ours = try archive.tensor(name)
            let theirs = try safetensors.tensor(name)
            #expect(ours.shape == theirs.shape)
            #expect(ours.scalarType == theirs.scalarType)
            let isEqual = ours.withBytes { left in theirs.withBytes { right in left.elementsEqual(right) } }
            #expect(isEqual, "\(name)")
        }
    }

    /// The reader under test against the tests' own, number for number.
    @Test(arguments: GoldenModel.all(below: "codec"))
    func readsSafetensorsAsTheTestsOwnReaderDoes(model: GoldenModel) throws {
        guard try #require(model.facts["safetensors"].bool as Bool?) else { return }
        let url = model.model.appending(path: "model.safetensors")
        let ours = try SafetensorsFile(url)
        let theirs = try GoldenTensors(file: url)
        #expect(ours.names == theirs.names)
        for name in theirs.names {
            let expected = try theirs.require(name)
            let tensor = try ours.tensor(name)
            #expect(tensor.shape == expected.shape)
            if expected.dtype == "F32" { #expect(try tensor.floats() == expected.floats) }
        }
    }

    /// The lists from which loaders and `models check` work, at the sizes of the real models.
    @Test func expectsTheTensorsOfThePublishedLanguageModel() throws {
        let published = try PublishedTensors().facts["lm"]
        let listed = PublishedTensors.tensors(of: published)
        let expected = LanguageModelTensors.expected(.mossTTSD)
        #expect(!listed.isEmpty)
        #expect(expected.map { .init(name: $0.name, shape: $0.shape) }.sorted { $0.name < $1.name } == listed)

        let optional = Set(expected.filter { !$0.isRequired }.map(\.name))
        let unread = Set(published["tied"].object.keys).union(published["unused"].array.compactMap(\.string))
        #expect(optional == unread)
    }

    /// Likewise for each codec configuration, of which the list gives the rates.
    @Test func expectsTheTensorsOfThePublishedCodecs() throws {
        let codecs = try PublishedTensors().facts["codec"]
        #expect(!codecs.object.isEmpty)
        for (name, entry) in codecs.object {
            let source = entry["same_tensors_as"].string.map { codecs[$0] } ?? entry
            let listed = PublishedTensors.tensors(of: source)
            #expect(!listed.isEmpty, "\(name)")
            let rate = entry["output_sample_rate"].int
            let configuration = try #require(
                [CodecConfiguration.xyTokenizer24k, .xyTokenizer32k].first {
                    $0.outputSampleRate == rate && $0.decoderUpsampleRate == entry["decoder_upsample_rate"].int
                })
            #expect(configuration.inputSampleRate == entry["input_sample_rate"].int)
            #expect(configuration.encoderDownsampleRate == entry["encoder_downsample_rate"].int)
            let expected = CodecTensors.expected(configuration)
            #expect(expected.count == entry["count"].int)
            #expect(expected.map { .init(name: $0.name, shape: $0.shape) }.sorted { $0.name < $1.name } == listed)
        }
    }
}
