import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

@Suite struct GoldenDecodeTests {
    @Test(arguments: GoldenCase.all(below: "codec") { $0.facts["kind"].string == "decode" })
    func `sound equals the original's, and values on the way lie within its tolerance`(_ golden: GoldenCase) throws {
        let codec = try CodecModel.codec(golden.resolve(golden.facts["model"].string ?? ""))
        let tensors = try golden.tensors()
        let items = golden.facts["items"].array
        #expect(!items.isEmpty)
        let tolerance = try golden.require(
            golden.facts["tolerance"]["wave_abs_over_rms"].double, "tolerance.wave_abs_over_rms")
        // A batch of unequal lengths: the original lets the filling of the shorter ones sound into their ends (C5).
        let longest = items.compactMap { $0["n_codes"].int }.max()
        for (index, item) in items.enumerated() {
            let codes = CodeMatrix(golden: try tensors.require("codes.\(index)"))
            #expect(codes.frames == item["n_codes"].int)
            let wave = try codec.decode(codes)
            #expect(wave.count == item["n_samples"].int)
            let limit = tolerance * (try golden.require(item["rms"].double, "rms"))
            if codes.frames == longest || items.count == 1 {
                try expect(wave, isNear: limit, of: golden, tensors, item: index, codec)
            } else {
                try expectStart(wave, isNear: limit, of: golden, tensors, item: index, codec)
            }
            if index == 0 && items.count == 1 { try compareMiddle(golden, tensors, codes, codec) }
        }
    }

    private func expect(
        _ wave: [Float], isNear limit: Double, of golden: GoldenCase, _ tensors: GoldenTensors, item: Int,
        _ codec: SpeechCodec
    ) throws {
        let parts = try WaveSummary(tensors: tensors, prefix: "wave.\(item).")
            .differences(from: wave, samplesPerFrame: codec.timing.outputSamplesPerFrame)
        #expect(!parts.isEmpty)
        for (part, near) in parts {
            #expect(near.within(absolute: limit), "\(golden) item \(item) \(part): \(near)")
        }
    }

    /// The part of a batch's shorter item that its filling does not reach: all but the last second.
    private func expectStart(
        _ wave: [Float], isNear limit: Double, of golden: GoldenCase, _ tensors: GoldenTensors, item: Int,
        _ codec: SpeechCodec
    ) throws {
        let sure = max(0, wave.count - codec.outputSampleRate)
        if let full = tensors["wave.\(item).full"] {
            let near = Closeness(wave.prefix(sure), full.floats.prefix(sure))
            #expect(near.within(absolute: limit), "\(golden) item \(item): \(near)")
        } else {
            let head = try tensors.require("wave.\(item).head").floats
            let near = Closeness(wave.prefix(min(sure, head.count)), head.prefix(sure))
            #expect(near.within(absolute: limit), "\(golden) item \(item): \(near)")
        }
    }

    private func compareMiddle(
        _ golden: GoldenCase, _ tensors: GoldenTensors, _ codes: CodeMatrix, _ codec: SpeechCodec
    ) throws {
        let names = tensors.names.filter { $0.hasPrefix("mid.") }
        if names.isEmpty { return }
        let observations = Observations()
        _ = codec.decode(
            codes, samples: 0..<codes.frames * codec.timing.outputSamplesPerFrame, probe: observations.record)
        for name in names {
            let pair = try #require(
                observations.compare(String(name.dropFirst(4)), with: try tensors.require(name)),
                "\(golden): \(name) in another shape")
            let near = Closeness(pair.actual, pair.expected)
            #expect(
                near.within(
                    absolute: try golden.require(golden.facts["tolerance"]["mid_abs"].double, "mid_abs"),
                    relative: try golden.require(golden.facts["tolerance"]["mid_rel"].double, "mid_rel")),
                "\(golden) \(name): \(near)")
        }
    }
}
