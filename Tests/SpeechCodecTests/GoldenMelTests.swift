import Checkpoint
import Compute
import SpeechCodec
import TestSupport
import Testing

@Suite struct GoldenMelTests {
    /// The features of golden/codec/mel are those of the published codecs, which all models there share.
    private func extractor() throws -> CodecConfiguration.FeatureExtractor {
        try CodecModel(folder: CodecModel.goldenFolders[0]).configuration.featureExtractor
    }

    @Test(arguments: GoldenCase.all(below: "codec/mel") { $0.facts["kind"].string != "constants" })
    func `log-mel frames equal the original's`(_ golden: GoldenCase) throws {
        let sizes = try extractor()
        let mel = LogMel(sizes)
        let pool = WorkerPool(threads: 1)
        let tensors = try golden.tensors()
        let tolerance = try golden.require(golden.facts["tolerance"]["abs"].double, "tolerance")
        #expect(!golden.facts["items"].array.isEmpty)
        for (index, item) in golden.facts["items"].array.enumerated() {
            let length = try golden.require(item["length"].int, "length")
            let samples: [Float]
            if let input = tensors["input.\(index)"] {
                samples = input.floats
            } else {
                let start = try golden.require(item["start"].int, "start")
                samples = Array(try golden.audio().dropFirst(start).prefix(length))
            }
            #expect(samples.count == length)
            let all = mel.features(samples[...], frames: sizes.positionsMax, pool: pool)
            #expect(all.rows == sizes.positionsMax && all.columns == sizes.melBins)
            #expect(mel.validFrames(samples: samples.count) == item["valid_frames"].int)

            let frames = try tensors.require("frames.\(index)").int32s
            let actual = frames.flatMap { all.rows(Int($0)..<Int($0) + 1).values }
            let near = Closeness(actual, try tensors.require("mel.\(index)").floats)
            #expect(near.within(absolute: tolerance), "\(golden) item \(index): \(near)")

            let values = all.values
            let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
            #expect(abs(mean - (try golden.require(item["mean"].double, "mean"))) <= tolerance)
            #expect(abs(Double(values.max() ?? 0) - (try golden.require(item["max"].double, "max"))) <= tolerance)
            #expect(abs(Double(values.min() ?? 0) - (try golden.require(item["min"].double, "min"))) <= tolerance)
        }
    }

    @Test(arguments: GoldenCase.all(below: "codec/mel") { $0.facts["kind"].string == "constants" })
    func `window and filters equal the original's`(_ golden: GoldenCase) throws {
        let sizes = try extractor()
        let mel = LogMel(sizes)
        let tensors = try golden.tensors()
        let filters = try tensors.require("mel_filters")
        #expect(filters.shape == [sizes.fourierLength / 2 + 1, sizes.melBins])
        let stored = filters.dtype == "F64" ? filters.doubles.map { Float($0) } : filters.floats
        let near = Closeness(
            MelFilterBank.filters(bins: filters.shape[0], bands: sizes.melBins, sampleRate: sizes.sampleRate), stored)
        #expect(near.within(absolute: 1e-7), "\(near)")
        let window = Closeness(mel.window, try tensors.require("hann_window").floats)
        #expect(window.within(absolute: 1e-6), "\(window)")
    }
}
