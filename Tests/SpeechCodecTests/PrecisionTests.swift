import Audio
import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// What holds in every precision, and how far the faster ones are from the exact one.
@Suite struct PrecisionTests {
    private static let precisions = CodecPrecision.allCases

    private func sound(samples: Int) -> [Float] {
        (0..<samples).map { index in
            let hum = 0.3 * sin(Double(index) * 0.03)
            let sweep = 0.1 * sin(Double(index * (index % 977)) * 1e-4)
            return Float(hum + sweep)
        }
    }

    private func codec(_ folder: URL, _ precision: CodecPrecision, threads: Int = 2) throws -> SpeechCodec {
        try CodecModel(folder: folder).codec(
            threads: threads, precision: .init(encoder: precision, decoder: precision))
    }

    @Test(arguments: CodecModel.goldenFolders, precisions)
    func `one, two and three threads give the same bits`(_ folder: URL, _ precision: CodecPrecision) throws {
        let samples = sound(samples: 70_001)
        let results = try [1, 2, 3].map { threads in
            let codec = try codec(folder, precision, threads: threads)
            let codes = try codec.encode(samples)
            return (codes: codes, sound: try codec.decode(codes, behind: codec.reference(samples)))
        }
        for other in results.dropFirst() {
            #expect(other.codes == results[0].codes)
            #expect(other.sound == results[0].sound)
        }
    }

    @Test(arguments: precisions, [false, true])
    func `a stream gives the samples of the whole, bit for bit`(_ precision: CodecPrecision, behind: Bool) throws {
        let codec = try codec(CodecModel.goldenFolders[0], precision)
        var random = SeededRandom(seed: 3)
        func codes(_ frames: Int) -> CodeMatrix {
            CodeMatrix(
                codebooks: codec.codebooks,
                codes: (0..<frames * codec.codebooks).map { _ in
                    .random(in: 0..<UInt16(codec.codebookSize), using: &random)
                })
        }
        let (all, prompt) = (codes(300), codes(codec.timing.referenceFrames))
        let reference = behind ? try codec.reference(codes: prompt) : nil
        let whole = try codec.decode(all, behind: reference)
        var stream = codec.stream(behind: reference)
        var streamed: [Float] = []
        for start in stride(from: 0, to: 300, by: 37) {
            streamed += try stream.push(all.frames(start..<min(start + 37, 300)))
        }
        streamed += stream.finish()
        #expect(streamed == whole)
    }

    /// Decibels of the exact sound above the difference; a difference 30 dB below is not heard beside speech.
    @Test(arguments: CodecModel.goldenFolders, [(CodecPrecision.bf16, 34.0), (.int8, 26.0)])
    func `faster precisions decode to nearly the exact sound`(
        _ folder: URL, _ bar: (precision: CodecPrecision, decibels: Double)
    ) throws {
        let exact = try CodecModel.codec(folder)
        let codes = try exact.encode(sound(samples: 130_000))
        let expected = try exact.decode(codes)
        let actual = try codec(folder, bar.precision).decode(codes)
        #expect(actual.count == expected.count)
        var (noise, signal) = (0.0, 0.0)
        for (value, wanted) in zip(actual, expected) {
            noise += Double(value - wanted) * Double(value - wanted)
            signal += Double(wanted) * Double(wanted)
        }
        let decibels = 10 * log10(signal / max(noise, .leastNonzeroMagnitude))
        #expect(decibels > bar.decibels, "\(decibels) dB")
    }

    /// The first codebooks hold what is heard most; what later ones add is ever smaller, and ever closer to a tie.
    @Test(arguments: CodecModel.goldenFolders, [(CodecPrecision.bf16, 0.9), (.int8, 0.75)])
    func `faster precisions find nearly the exact codes of the first codebooks`(
        _ folder: URL, _ bar: (precision: CodecPrecision, share: Double)
    ) throws {
        let prompt = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model/prompts/anna.wav")
        let speech = try PromptAudio.loadMono16k(path: prompt.path)
        let expected = try CodecModel.codec(folder).encode(speech)
        let actual = try codec(folder, bar.precision).encode(speech)
        #expect(actual.frames == expected.frames)
        for codebook in 0..<2 {
            let equal = (0..<expected.frames).filter { actual[$0, codebook] == expected[$0, codebook] }.count
            #expect(
                Double(equal) / Double(expected.frames) >= bar.share, "\(equal) of \(expected.frames) in \(codebook)")
        }
    }
}
