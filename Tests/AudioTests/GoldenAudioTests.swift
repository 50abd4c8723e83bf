import Audio
import Foundation
import TestSupport
import Testing

/// The original's loading, merging, joining and padding, case by case (golden/README.md, area audio).
@Suite struct GoldenAudioTests {
    @Test(arguments: GoldenCase.all(below: "audio/load"))
    func decodesEveryValueExactly(golden: GoldenCase) throws {
        let expected = try golden.tensors().require("decoded")
        let file = golden.resolve(try #require(golden.facts["file"].string))
        for clip in [
            try AudioClip(path: file.path), try AudioClip(bytes: Array(Data(contentsOf: file)), source: file.path),
        ] {
            #expect(clip.sampleRate == golden.facts["sample_rate"].int)
            #expect([clip.channelCount, clip.sampleCount] == expected.shape)
            #expect(clip.channels.flatMap(\.self) == expected.floats)
        }
    }

    /// `load16k` and every other `load<k>k`, resampled and then averaged; `codec_load16k`, the other way round.
    @Test(arguments: GoldenCase.all(below: "audio/load"))
    func loadsAsMonoAtEveryRate(golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let file = golden.resolve(try #require(golden.facts["file"].string)).path
        let tolerance = try #require(golden.facts["tolerance"]["resampled_abs"].double)
        let clip = try AudioClip(path: file)
        for name in ["load16k", "codec_load16k"] { _ = try tensors.require(name) }
        for name in tensors.names {
            guard let match = name.wholeMatch(of: #/(codec_)?load(\d+)k/#), let thousands = Int(match.2) else {
                continue
            }
            let order = match.1 == nil ? MonoOrder.resampleThenAverage : .averageThenResample
            let actual = try clip.mono(at: thousands * 1000, order: order)
            let closeness = Closeness(actual, try tensors.require(name).floats)
            #expect(closeness.within(absolute: tolerance), "\(name): \(closeness)")
        }
        #expect(try PromptAudio.loadMono16k(path: file) == clip.mono(at: 16_000))
    }

    /// `resample.<from>.<to>`: the decoded channels taken as if they were at rate `from`.
    @Test(
        arguments: GoldenCase.all(below: "audio/load") { golden in
            ((try? golden.tensors())?.names ?? []).contains { $0.hasPrefix("resample.") }
        })
    func resamplesBetweenEveryPair(golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let tolerance = try #require(golden.facts["tolerance"]["resampled_abs"].double)
        let decoded = try AudioClip(path: golden.resolve(try #require(golden.facts["file"].string)).path)
        var compared = 0
        for name in tensors.names where name.hasPrefix("resample.") {
            let rates = name.split(separator: ".").dropFirst().compactMap { Int($0) }
            try #require(rates.count == 2, "\(name)")
            let clip = try AudioClip(sampleRate: rates[0], channels: decoded.channels).resampled(to: rates[1])
            let closeness = Closeness(clip.channels.flatMap(\.self), try tensors.require(name).floats)
            #expect(closeness.within(absolute: tolerance), "\(name): \(closeness)")
            compared += 1
        }
        #expect(compared > 0)
    }

    @Test(arguments: GoldenCase.all(below: "audio/merge"))
    func joinsTwoSpeakers(golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let tolerance = try #require(golden.facts["tolerance"]["abs"].double)
        let rate = try #require(golden.facts["target_sample_rate"].int)
        try #require(!golden.facts["items"].array.isEmpty)
        for (index, item) in golden.facts["items"].array.enumerated() {
            let speakers = try ["speaker1", "speaker2"].map { key in
                try AudioClip(path: golden.resolve(try #require(item[key].string)).path).mono(at: rate)
            }
            let closeness = Closeness(
                PromptAudio.merged(speakers), try tensors.require("merged.\(index)").floats)
            #expect(closeness.within(absolute: tolerance), "item \(index): \(closeness)")
        }
    }

    @Test(arguments: GoldenCase.all(below: "audio/crossfade"))
    func fadesPiecesIntoEachOther(golden: GoldenCase) throws {
        let tensors = try golden.tensors()
        let tolerance = try #require(golden.facts["tolerance"]["abs"].double)
        try #require(!golden.facts["items"].array.isEmpty)
        for (index, item) in golden.facts["items"].array.enumerated() {
            let lengths = item["lengths"].array.compactMap(\.int)
            let pieces = lengths.indices.map { tensors["case\(index).in.\($0)"]?.floats ?? [] }
            #expect(pieces.map(\.count) == lengths)
            let joined = try Crossfade.join(
                pieces, seconds: try #require(item["crossfade_seconds"].double),
                sampleRate: try #require(item["sample_rate"].int))
            #expect(joined.count == item["out_length"].int)
            let closeness = Closeness(joined, tensors["case\(index).out"]?.floats ?? [])
            #expect(closeness.within(absolute: tolerance), "item \(index): \(closeness)")
        }
    }

    @Test(arguments: GoldenCase.all(below: "audio/pad"))
    func cutsOrFillsToALength(golden: GoldenCase) throws {
        try #require(!golden.facts["items"].array.isEmpty)
        for item in golden.facts["items"].array {
            let length = try #require(item["length"].int)
            let input = (0..<length).map { Float($0 + 1) / 1000 }
            let output = try Padding.fit(
                input, seconds: try #require(item["target_seconds"].double),
                sampleRate: try #require(item["sample_rate"].int))
            #expect(output.count == item["out_length"].int)
            #expect(output == (0..<output.count).map { $0 < length ? input[$0] : 0 })
        }
    }
}
