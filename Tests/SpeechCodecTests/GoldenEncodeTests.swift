import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

@Suite struct GoldenEncodeTests {
    static let cases = GoldenCase.all(below: "codec") { $0.facts["kind"].string == "encode" }

    @Test(arguments: cases)
    func `codes equal the original's, and values on the way lie within its tolerance`(_ golden: GoldenCase) throws {
        let codec = try CodecModel.codec(golden.resolve(golden.facts["model"].string ?? ""))
        let tensors = try golden.tensors()
        let items = golden.facts["items"].array
        #expect(!items.isEmpty)
        for (index, item) in items.enumerated() {
            let start = try golden.require(item["start"].int, "start")
            let length = try golden.require(item["length"].int, "length")
            let samples = Array(try golden.audio().dropFirst(start).prefix(length))
            #expect(samples.count == length)
            let observations = Observations()
            let codes = try codec.encode(samples, probe: observations.record)
            #expect(codes.frames == item["n_codes"].int)
            #expect(codes == CodeMatrix(golden: try tensors.require("codes.\(index)")))
            if index == 0 { try compareMiddle(golden, tensors, observations) }
        }
    }

    private func compareMiddle(_ golden: GoldenCase, _ tensors: GoldenTensors, _ observations: Observations) throws {
        for name in tensors.names where name.hasPrefix("mid.") {
            let point = String(name.dropFirst(4))
            // What the quantiser gives back is not computed for encoding; decoding computes it (GoldenDecodeTests).
            if point.hasPrefix("quantizer.output_proj") { continue }
            let pair = try #require(
                observations.compare(point, with: try tensors.require(name)), "\(golden): \(name) in another shape")
            let near = Closeness(pair.actual, pair.expected)
            #expect(
                near.within(
                    absolute: try golden.require(golden.facts["tolerance"]["mid_abs"].double, "mid_abs"),
                    relative: try golden.require(golden.facts["tolerance"]["mid_rel"].double, "mid_rel")),
                "\(golden) \(name): \(near)")
        }
    }

    @Test(arguments: CodecModel.goldenFolders)
    func `every form of the weights gives the same codes`(_ folder: URL) throws {
        let model = try CodecModel(folder: folder)
        let samples = (0..<16_000).map { Float(sin(Double($0) * Double($0) * 1e-5)) * 0.3 }
        let codes = try model.weights.map { try model.codec(threads: 1, weights: $0).encode(samples) }
        for other in codes.dropFirst() { #expect(other == codes[0]) }
        #expect(Set(codes[0].codes).count > 1)
    }
}
