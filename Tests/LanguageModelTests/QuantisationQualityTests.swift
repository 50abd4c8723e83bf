import Checkpoint
import Compute
import Foundation
import LanguageModel
import TestSupport
import Testing
import Tokens

/// What rounding the weights costs: a quantised model against the same model with its weights as they are stored.
@Suite struct QuantisationQualityTests {
    private enum Speaker: CaseIterable {
        /// Teacher-forced: over what the stored model says.
        case stored
        /// Running free: over what the quantised model itself says, wherever that has led it.
        case packed
    }

    /// 500 steps and more.
    @Test(arguments: QuantisationSubject.all, Speaker.allCases)
    private func choosesAsTheStoredWeightsDo(subject: QuantisationSubject, speaker: Speaker) throws {
        let stored = try TestModels.load(folder: subject.folder, device: .forTests)
        let spokenByStored = speaker == .stored ? try subject.spoken(stored, steps: 500) : nil
        for precision in [WeightPrecision.int8, .int4] {
            let packed = try TestModels.load(folder: subject.folder, device: .forTests, precision: precision)
            let spoken = try spokenByStored ?? subject.spoken(packed, steps: 500)
            var agreement = Agreement(channels: stored.configuration.channels)
            for (rows, generated) in spoken {
                agreement.add(
                    logits(stored, rows), logits(packed, rows), rows: generated)
            }
            let floor = subject.floor(precision)
            #expect(agreement.mean >= floor.all, "\(precision): \(agreement)")
            #expect(agreement.meanOfVaryingChannels >= floor.varying, "\(precision): \(agreement)")
            #expect(agreement.steps >= 500)
        }
    }

    /// What the trained model says, once at the start of a sequence and once behind more than a minute of other speech: the
    /// rounding of all the keys and values before must not add up.
    @Test func roundingCostsNoMoreBehindAMinuteOfSpeech() throws {
        let subject = QuantisationSubject.demo
        let stored = try TestModels.load(folder: subject.folder, device: .forTests)
        let minute = Int((60 * 12.5).rounded(.up))
        var spoken = try subject.spoken(stored, steps: minute + 250)
        var long = TokenGrid(channels: stored.configuration.channels, ids: [])
        var before = 0
        while before < minute {
            let first = spoken.removeFirst()
            for row in 0..<first.rows.rows { long.append(row: first.rows.row(row)) }
            before += first.generated.count
        }
        for precision in [WeightPrecision.int8, .int4] {
            let packed = try TestModels.load(folder: subject.folder, device: .forTests, precision: precision)
            var (fresh, late) = (Agreement(channels: long.channels), Agreement(channels: long.channels))
            for (rows, generated) in spoken {
                fresh.add(logits(stored, rows), logits(packed, rows), rows: generated)
                var behind = long
                for row in 0..<rows.rows { behind.append(row: rows.row(row)) }
                let moved = generated.lowerBound + long.rows..<generated.upperBound + long.rows
                late.add(logits(stored, behind), logits(packed, behind), rows: moved)
            }
            let floor = subject.floor(precision)
            #expect(late.steps >= 150)
            #expect(late.mean >= floor.all, "\(precision): \(late)")
            #expect(late.meanOfVaryingChannels >= floor.varying, "\(precision): \(late)")
            #expect(late.divergence < 1.5 * fresh.divergence, "\(precision): \(late); at the start \(fresh)")
        }
    }

    private func logits(_ model: LanguageModel, _ rows: TokenGrid) -> [[Float]] {
        Forwarding(model, rows, cuts: [rows.rows]).logits
    }
}

/// A model and prompts for it.
struct QuantisationSubject: CustomTestStringConvertible {
    let folder: URL
    var testDescription: String { folder.path }

    /// The share of choices that must be the same: over all channels, and over those that do not always say one code.
    ///
    /// Weights drawn at random (the golden models) have scores without a reason: the best is best by chance and by
    /// little, and every layer spreads a disturbance that a trained one damps. They are held to what was measured, less
    /// a little; the trained model to what users are promised.
    func floor(_ precision: WeightPrecision) -> (all: Double, varying: Double) {
        let isTrained = folder == Self.demo.folder
        return switch (precision, isTrained) {
        case (.int4, true): (0.93, 0.91)
        case (_, true): (0.98, 0.975)
        case (.int4, false): (0.68, 0.68)
        case (_, false): (0.92, 0.92)
        }
    }

    static let demo = QuantisationSubject(folder: DemoVoiceTraceTests.model)

    static let all: [QuantisationSubject] =
        [demo]
        + Set(
            GoldenCase.all(below: "lm") { $0.facts["kind"].string == "greedy" }.compactMap { golden in
                golden.facts["model"].string.map { golden.resolve($0).standardizedFileURL }
            }
        ).sorted { $0.path < $1.path }.map { QuantisationSubject(folder: $0) }

    func prompts(_ channels: Int) throws -> [TokenGrid] {
        if folder == Self.demo.folder {
            return try DemoVoiceTraceTests.traces.sorted { $0.path < $1.path }.map {
                try DemoVoiceTraceTests.grid(SafetensorsFile($0), "input_ids", channels)
            }
        }
        return try GoldenCase.all(below: "lm") { $0.facts["kind"].string == "greedy" }
            .filter { $0.facts["model"].string.map($0.resolve)?.standardizedFileURL == folder }
            .flatMap { golden in
                try golden.tensors().paddedItems().map { $0.grid.rows($0.pads..<$0.grid.rows) }
            }
    }

    /// Prompts with what the model says to them, and the rows whose logits chose it.
    func spoken(_ model: LanguageModel, steps: Int) throws -> [(rows: TokenGrid, generated: Range<Int>)] {
        let channels = model.configuration.channels
        var spoken: [(rows: TokenGrid, generated: Range<Int>)] = []
        var seed: UInt64 = 0
        while spoken.reduce(0, { $0 + $1.generated.count }) < steps {
            for prompt in try prompts(channels) where spoken.reduce(0, { $0 + $1.generated.count }) < steps {
                let base = prompt.rows - channels + 1
                var rows = prompt.rows(0..<base)
                let said = try continuation(of: prompt, model, seed: seed)
                for row in 0..<said.rows { rows.append(row: said.row(row)) }
                spoken.append((rows, base - 1..<rows.rows - 1))
                seed += 1
            }
        }
        return spoken
    }

    func continuation(of prompt: TokenGrid, _ model: LanguageModel, seed: UInt64) throws -> TokenGrid {
        let file = folder.appending(path: "generation_config.json")
        let channels = model.configuration.channels
        let sampling =
            try FileManager.default.fileExists(atPath: file.path)
            ? ChannelSampling.perChannel(GenerationConfiguration(file: file, channels: channels))
            : Array(repeating: ChannelSampling(drawsAtRandom: false), count: channels)
        return try Generating.rows(
            model,
            GenerationRequest(
                prompt: prompt, seed: seed, sampling: sampling, maxNewTokens: 250,
                rules: GenerationRules(model.configuration, endOfSpeech: try endOfSpeech(model.configuration))))
    }
}

extension QuantisationSubject {
    private func endOfSpeech(_ configuration: LanguageModelConfiguration) throws -> Int {
        folder == Self.demo.folder ? try DemoVoiceTraceTests.endOfSpeech() : configuration.vocabularySize - 3
    }
}

/// How alike two models choose.
struct Agreement: CustomStringConvertible {
    private(set) var steps = 0
    private var agreed: [Int]
    private var divergenceOfChannels: [Double]
    /// The ids that the stored model holds best, by channel.
    private var chosen: [Set<Int>]

    init(channels: Int) {
        agreed = Array(repeating: 0, count: channels)
        divergenceOfChannels = Array(repeating: 0, count: channels)
        chosen = Array(repeating: [], count: channels)
    }

    /// - Parameter rows: Of both sets of logits, `[rows, vocabulary]` per channel.
    mutating func add(_ stored: [[Float]], _ packed: [[Float]], rows: Range<Int>) {
        for channel in stored.indices {
            let rowsInAll = stored[0].isEmpty ? 1 : rows.upperBound + 1
            let vocabulary = stored[channel].count / rowsInAll
            for row in rows {
                let truth = Array(stored[channel][row * vocabulary..<(row + 1) * vocabulary])
                let other = Array(packed[channel][row * vocabulary..<(row + 1) * vocabulary])
                let best = truth.firstIndex(of: truth.max() ?? 0) ?? -1
                if best == other.firstIndex(of: other.max() ?? 0) { agreed[channel] += 1 }
                chosen[channel].insert(best)
                divergenceOfChannels[channel] += Self.divergence(truth, other)
            }
        }
        steps += rows.count
    }

    /// Of each channel, between 0 and 1.
    var agreements: [Double] { agreed.map { Double($0) / Double(max(1, steps)) } }
    var mean: Double { agreements.reduce(0, +) / Double(agreements.count) }
    /// The embedded model's codec uses four codebooks; the other channels have one code but for the padding around.
    var meanOfVaryingChannels: Double {
        let varying = agreements.indices.filter { chosen[$0].count > 2 }
        return varying.reduce(0) { $0 + agreements[$1] } / Double(max(1, varying.count))
    }
    /// Kullback-Leibler divergence from the stored model's distribution, in nats, the mean over the steps.
    var divergences: [Double] { divergenceOfChannels.map { $0 / Double(max(1, steps)) } }
    /// Of all channels.
    var divergence: Double { divergences.reduce(0, +) }

    var description: String {
        "\(steps) steps, agreement \(agreements.map { ($0 * 1000).rounded() / 1000 }), "
            + "divergence \(divergences.map { ($0 * 10000).rounded() / 10000 })"
    }

    private static func divergence(_ truth: [Float], _ other: [Float]) -> Double {
        let (p, q) = (logarithms(truth), logarithms(other))
        return zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }

    private static func logarithms(_ logits: [Float]) -> [Double] {
        let highest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - highest) }
        return logits.map { Double($0) - highest - log(sum) }
    }
}

extension CPUDevice {
    static var forTests: CPUDevice { CPUDevice(pool: WorkerPool(threads: 2)) }
}
