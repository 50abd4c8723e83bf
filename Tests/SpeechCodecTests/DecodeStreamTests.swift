import SpeechCodec
import TestSupport
import Testing
import Tokens

@Suite struct DecodeStreamTests {
    private static let codec = Result { try CodecModel.codec(CodecModel.goldenFolders[0]) }

    private func codes(frames: Int, _ codec: SpeechCodec, _ random: inout SeededRandom) -> CodeMatrix {
        CodeMatrix(
            codebooks: codec.codebooks,
            codes: (0..<frames * codec.codebooks).map { _ in .random(in: 0..<UInt16(codec.codebookSize), using: &random)
            })
    }

    /// Lengths at which each mode's windows begin, end and change their cut, given the windows themselves.
    private static let lengths: [DecodeSchedule.Delivery: [Int]] = [
        .settled: [0, 1, 84, 86, 105, 106, 125, 126, 190, 210, 249, 251, 375, 376, 511],
        .early: [0, 1, 10, 14, 15, 16, 26, 27, 30, 125, 251, 376],
    ]

    private static let cases = lengths.flatMap { delivery, lengths in
        lengths.flatMap { length in [false, true].map { (delivery, length, $0) } }
    }

    @Test(arguments: cases)
    func `a stream gives the samples of the whole, bit for bit, however it is cut`(
        delivery: DecodeSchedule.Delivery, frames: Int, behind: Bool
    ) throws {
        let codec = try Self.codec.get()
        var random = SeededRandom(seed: UInt64(frames))
        let codes = codes(frames: frames, codec, &random)
        let reference =
            behind ? try codec.reference(codes: self.codes(frames: codec.timing.referenceFrames, codec, &random)) : nil
        let whole = try codec.decode(codes, behind: reference, delivery: delivery)
        if delivery == .early { #expect(whole.count == frames * codec.timing.outputSamplesPerFrame) }

        var stream = codec.stream(behind: reference, delivery: delivery)
        var streamed: [Float] = []
        var position = 0
        while position < frames {
            let count = min(Int.random(in: 0...90, using: &random), frames - position)
            streamed += try stream.push(codes.frames(position..<position + count))
            position += count
        }
        streamed += stream.finish()
        #expect(streamed == whole)
    }

    @Test func `samples come as soon as they are settled`() throws {
        let codec = try Self.codec.get()
        var random = SeededRandom(seed: 5)
        let window = codec.timing.windowFrames
        let codes = codes(frames: window, codec, &random)
        var stream = codec.stream()
        #expect(try stream.push(codes.frames(0..<window - 1)).isEmpty)
        let settled = try stream.push(codes.frames(window - 1..<window))
        #expect(settled.count == codec.timing.strideFrames * codec.timing.outputSamplesPerFrame)
        #expect(
            stream.finish().count == (window - codec.timing.strideFrames) * codec.timing.outputSamplesPerFrame)
    }

    @Test(arguments: [false, true])
    func `early samples follow their frames by five frames, from the first window on`(behind: Bool) throws {
        let codec = try Self.codec.get()
        var random = SeededRandom(seed: 7)
        let reference =
            behind ? try codec.reference(codes: codes(frames: codec.timing.referenceFrames, codec, &random)) : nil
        let codes = codes(frames: 40, codec, &random)
        var stream = codec.stream(behind: reference, delivery: .early)
        var (made, arrivals) = (0, [Int: Int]())
        for frame in 0..<40 {
            let samples = try stream.push(codes.frames(frame..<frame + 1))
            made += samples.count
            if !samples.isEmpty { arrivals[frame + 1] = made }
        }
        func kept(_ frames: Int) -> Int { frames * codec.timing.outputSamplesPerFrame }
        #expect(arrivals == (behind ? [15: kept(10), 30: kept(25)] : [15: kept(10), 27: kept(22)]))
        #expect(made + stream.finish().count == kept(40))
    }

    @Test func `a refused push leaves the stream as it was`() throws {
        let codec = try Self.codec.get()
        var random = SeededRandom(seed: 6)
        let codes = codes(frames: 20, codec, &random)
        var stream = codec.stream()
        _ = try stream.push(codes.frames(0..<11))
        var bad = codes.frames(11..<13)
        bad[1, 3] = UInt16(codec.codebookSize)
        #expect(
            throws: SpeechCodecError.codeOutOfRange(
                frame: 12, codebook: 3, code: codec.codebookSize, codebookSize: codec.codebookSize)
        ) { try stream.push(bad) }
        var samples = try stream.push(codes.frames(11..<20))
        samples += stream.finish()
        #expect(try samples == codec.decode(codes))
    }
}
