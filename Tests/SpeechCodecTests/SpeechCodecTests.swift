import Checkpoint
import Compute
import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

@Suite struct SpeechCodecTests {
    private func sound(samples: Int) -> [Float] {
        (0..<samples).map { index in
            let hum = 0.3 * sin(Double(index) * 0.03)
            let sweep = 0.1 * sin(Double(index * (index % 977)) * 1e-4)
            return Float(hum + sweep)
        }
    }

    @Test(arguments: CodecModel.goldenFolders)
    func `one, two and three threads give the same bits`(_ folder: URL) throws {
        let model = try CodecModel(folder: folder)
        let samples = sound(samples: 70_001)
        let results = try [1, 2, 3].map { threads in
            let codec = try model.codec(threads: threads)
            let codes = try codec.encode(samples)
            return (codes: codes, sound: try codec.decode(codes, behind: codec.reference(samples)))
        }
        for other in results.dropFirst() {
            #expect(other.codes == results[0].codes)
            #expect(other.sound == results[0].sound)
        }
    }

    @Test func `a window's part is the whole's, whatever part is asked for`() throws {
        let codec = try CodecModel.codec(CodecModel.goldenFolders[0])
        let codes = try codec.encode(sound(samples: 130_000))
        let perFrame = codec.timing.outputSamplesPerFrame
        let whole = codec.decode(codes, samples: 0..<codes.frames * perFrame, probe: nil)
        for range in [0..<1, 5 * perFrame..<9 * perFrame + 17, (codes.frames - 1) * perFrame..<codes.frames * perFrame]
        {
            let near = Closeness(codec.decode(codes, samples: range, probe: nil), whole[range])
            #expect(near.within(absolute: 2e-6), "\(range): \(near)")
        }
    }

    @Test func `damaged samples are refused, with their place`() throws {
        let codec = try CodecModel.codec(CodecModel.goldenFolders[0])
        for bad in [Float.nan, .infinity, -.infinity] {
            var samples = sound(samples: 3000)
            samples[1234] = bad
            #expect(throws: SpeechCodecError.sampleNotFinite(index: 1234)) { try codec.encode(samples) }
        }
        // Finite but absurd: whatever it sounds like, it must end.
        #expect(try codec.encode([Float](repeating: .greatestFiniteMagnitude, count: 5000)).frames == 3)
    }

    @Test func `codes that no codebook has are refused`() throws {
        let codec = try CodecModel.codec(CodecModel.goldenFolders[0])
        let size = codec.codebookSize
        var codes = CodeMatrix(codebooks: codec.codebooks, codes: [UInt16](repeating: 0, count: 3 * codec.codebooks))
        codes[2, 1] = UInt16(size)
        #expect(throws: SpeechCodecError.codeOutOfRange(frame: 2, codebook: 1, code: size, codebookSize: size)) {
            try codec.decode(codes)
        }
        #expect(throws: SpeechCodecError.wrongCodebooks(given: codec.codebooks + 1, needed: codec.codebooks)) {
            try codec.decode(CodeMatrix(codebooks: codec.codebooks + 1))
        }
        let needed = codec.timing.referenceFrames
        let short = CodeMatrix(
            codebooks: codec.codebooks, codes: [UInt16](repeating: 0, count: (needed - 1) * codec.codebooks))
        #expect(throws: SpeechCodecError.wrongReferenceLength(frames: needed - 1, needed: needed)) {
            try codec.reference(codes: short)
        }
    }

    @Test func `a reference of stored codes is the prompt's own`() throws {
        let codec = try CodecModel.codec(CodecModel.goldenFolders[0])
        let reference = try codec.reference(sound(samples: 20_000))
        #expect(try codec.reference(codes: reference.codes) == reference)
    }

    @Test func `a model that cannot run is refused before it is run`() throws {
        let model = try CodecModel(folder: CodecModel.goldenFolders[0])
        let tensors = try CodecModel.tensors(model.weights[0])
        let changes: [(String, (inout CodecConfiguration) -> Void)] = [
            ("positions", { $0.postQuantizerAdapter.positions -= 1 }),
            ("even kernel", { $0.semanticEncoder.kernel += 1 }),
            ("kernel below stride", { $0.acousticDecoder.kernel = 1 }),
            ("odd transform", { $0.featureExtractor.fourierLength += 1 }),
            ("window of no whole frames", { $0.featureExtractor.chunkSamples += 1 }),
            ("another width", { $0.vocoder.width += 1 }),
        ]
        for (what, change) in changes {
            var configuration = model.configuration
            change(&configuration)
            #expect(throws: SpeechCodecError.self, "\(what)") {
                try SpeechCodec(configuration: configuration, tensors: tensors, pool: WorkerPool(threads: 1))
            }
        }
    }
}
