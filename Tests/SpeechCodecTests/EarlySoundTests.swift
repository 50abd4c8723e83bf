import Audio
import Checkpoint
import Compute
import Foundation
import SpeechCodec
import TestSupport
import Testing
import Tokens

/// Early sound beside settled sound, on the embedded model and its own prompts: near everywhere, and nowhere nearer or
/// farther because a seam is there. The bars stand over what Docs/Decisions/0014-early-sound.md measured.
@Suite struct EarlySoundTests {
    /// The same codes decoded both ways.
    private struct Pair {
        let early, settled: [Float]
        let timing: CodecTiming
        /// Samples over which the pieces of early sound meet.
        let seams: [Range<Int>]
        private let mel: (early: Matrix, settled: Matrix)

        /// The prompts joined, their first frames left out, so that seams fall elsewhere.
        init(behind: Bool, without leading: Int) throws {
            let model = SharedFolder.packageRoot.appending(path: "Shared/DemoVoice/Model")
            let codec = try CodecModel.codec(model.appending(path: "codec"))
            let prompts = try ["anna", "david", "mei", "wei"].map {
                try PromptAudio.loadMono16k(path: model.appending(path: "prompts/\($0).wav").path)
            }
            let speech = PromptAudio.merged(prompts)
            let whole = try codec.encode(speech)
            let codes = whole.frames(leading..<whole.frames)
            let reference = behind ? try codec.reference(speech) : nil
            let sounds = try DecodeSchedule.Delivery.allCases.map {
                try codec.decode(codes, behind: reference, delivery: $0)
            }
            // Behind a reference the original may lose a fade at the end.
            let count = sounds.map(\.count).min() ?? 0
            settled = Array(sounds[0].prefix(count))
            early = Array(sounds[1].prefix(count))
            timing = codec.timing

            var schedule = DecodeSchedule(
                mode: behind ? .afterReference : .plain, delivery: .early, timing: codec.timing)
            var seams: [Range<Int>] = []
            while let window = schedule.next(frames: codes.frames, isComplete: true) {
                let start = window.kept.lowerBound * codec.timing.outputSamplesPerFrame
                if start > 0 { seams.append(start..<start + schedule.fadeSamples) }
            }
            self.seams = seams

            let spectrogram = LogMel(codec.configuration.featureExtractor)
            let pool = WorkerPool(threads: 2)
            func features(_ sound: [Float]) -> Matrix {
                spectrogram.features(sound[...], frames: sound.count / Self.hop, pool: pool)
            }
            mel = (features(early), features(settled))
        }

        /// Samples of a column of the spectrogram.
        static let hop = 160

        /// Mean distance of the log-mel spectrograms, in decibels, of each column.
        var distances: [Double] {
            (0..<min(mel.early.rows, mel.settled.rows)).map { row in
                // A unit of the features is four decades of power.
                let sum = (0..<mel.early.columns).reduce(0.0) {
                    $0 + Double(abs(mel.early[row, $1] - mel.settled[row, $1]))
                }
                return sum / Double(mel.early.columns) * 40
            }
        }

        /// Settled sound above its difference from early sound, in decibels.
        var decibels: Double {
            let noise = zip(early, settled).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
            let signal = settled.reduce(0.0) { $0 + Double($1) * Double($1) }
            return 10 * log10(signal / noise)
        }

        /// How much rougher two milliseconds of early sound are than the same of settled sound, in decibels: a step or a
        /// kink, of level or of phase, stands out in second differences.
        func roughness(at start: Int) -> Double {
            func roughness(_ sound: [Float]) -> Double {
                (start..<start + 32).reduce(1e-9) {
                    let second = Double(sound[$1 + 1] - 2 * sound[$1] + sound[$1 - 1])
                    return $0 + second * second
                }
            }
            return 10 * log10(roughness(early) / roughness(settled))
        }

        /// A measure at every seam, and all over the sound.
        func jumps(_ measure: (Int) -> Double, step: Int, lead: Int) -> (seams: [Double], elsewhere: [Double]) {
            let last = early.count - 400
            let places = seams.flatMap { stride(from: $0.lowerBound - lead, through: $0.upperBound, by: step) }
            return (places.filter { $0 < last }.map(measure), stride(from: 1000, to: last, by: 97).map(measure))
        }

        /// How much more the level changes from five milliseconds to the next than in settled sound, in decibels.
        func levelJump(at start: Int) -> Double {
            func change(_ sound: [Float]) -> Double {
                func level(_ start: Int) -> Double {
                    10 * log10((start..<start + 80).reduce(1e-6) { $0 + Double(sound[$1] * sound[$1]) })
                }
                return abs(level(start + 80) - level(start))
            }
            return abs(change(early) - change(settled))
        }
    }

    private func pairs(behind: Bool) throws -> [Pair] {
        try [0, 17, 31, 44].map { try Pair(behind: behind, without: $0) }
    }

    private func mean(_ values: some Collection<Double>) -> Double { values.reduce(0, +) / Double(values.count) }

    private func quantile(_ values: [Double], _ share: Double) -> Double {
        values.sorted()[min(values.count - 1, Int(share * Double(values.count)))]
    }

    /// The codec itself costs 3.6 dB (0012).
    @Test(arguments: [false, true])
    func `early sound is near the settled one`(behind: Bool) throws {
        for pair in try pairs(behind: behind) {
            #expect(mean(pair.distances) < 0.9, "\(mean(pair.distances)) dB apart")
            #expect(pair.decibels > 10, "\(pair.decibels) dB above the difference")
        }
    }

    @Test(arguments: [false, true])
    func `no seam of early sound stands out`(behind: Bool) throws {
        let pairs = try pairs(behind: behind)
        #expect(pairs.allSatisfy { $0.seams.count >= 5 })
        func expect(
            _ what: String, within factor: Double, plus decibels: Double,
            _ values: (Pair) -> (seams: [Double], elsewhere: [Double])
        ) {
            let values = pairs.map(values)
            let (seams, elsewhere) = (values.flatMap(\.seams), values.flatMap(\.elsewhere))
            let (atSeams, usual) = (mean(seams), mean(elsewhere))
            #expect(abs(atSeams) < factor * abs(usual) + decibels, "\(what): mean \(atSeams), elsewhere \(usual)")
            let (worst, usualWorst) = (quantile(seams, 0.95), quantile(elsewhere, 0.95))
            #expect(worst < factor * usualWorst + decibels, "\(what): 95 % \(worst), elsewhere \(usualWorst)")
        }
        expect("spectrum", within: 1.3, plus: 0) { pair in
            let columns = Set(pair.seams.flatMap { $0.lowerBound / Pair.hop...$0.upperBound / Pair.hop })
            let distances = pair.distances.enumerated()
            return (
                distances.filter { columns.contains($0.offset) }.map(\.element),
                distances.filter { !columns.contains($0.offset) }.map(\.element)
            )
        }
        expect("roughness", within: 1.3, plus: 0.3) { $0.jumps($0.roughness, step: 32, lead: 16) }
        expect("level", within: 1.3, plus: 0.3) { $0.jumps($0.levelJump, step: 80, lead: 80) }
    }
}
