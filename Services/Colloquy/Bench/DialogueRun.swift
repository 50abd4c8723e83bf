import ArgumentParser
import Audio
import Benchmarking
import Checkpoint
import Contracts
import DemoVoice
import Foundation
import ServiceKit
import Wire

/// Times whole dialogues through a suite of its own, in a library of its own.
struct DialogueRun: Sendable {
    let run: BenchmarkRun
    /// Where random weights are kept; nil for the time of the measurement.
    let keep: URL?
    let repetitions: Int
    let tell: @Sendable (String) -> Void

    /// Of sound, of each voice and at most of the dialogue.
    private static let voiceSeconds = 5.0
    private static let secondsMax = 10.0
    private static let transcript = "This is what I say, at an even pace, so that you know how I sound."
    private static let script = """
        [S1]Good morning, and welcome. Today we talk about the river.[S2]Thank you. It has been high since the rain in March.\
        [S1]How high was it, when you measured?[S2]Two metres over the old bridge, and it stayed for a week.
        """

    func report() async throws -> DialogueReport {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "colloquy-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        var report = DialogueReport(try await run.frame(), voiceSeconds: Self.voiceSeconds)
        let options = try await suiteOptions(scratch)
        let measured = try await Suite.withOwn(options, tell: tell) { suite in try await measure(suite.client, scratch)
        }
        report.precision = measured.precision
        report.promptRows = measured.promptRows
        report.samples = measured.samples
        report.earlySamples = measured.earlySamples
        report.peakMemoryBytes = measured.peakMemoryBytes
        return report
    }

    private struct Measured: Sendable {
        var precision = ""
        var promptRows = 0
        var samples: [DialogueReport.Sample] = []
        var earlySamples: [DialogueReport.Sample] = []
        var peakMemoryBytes: [String: Int] = [:]
    }

    private func measure(_ caller: any Caller, _ scratch: URL) async throws -> Measured {
        for (number, name) in Self.voices {
            tell("adding a voice of \(Int(Self.voiceSeconds)) s: \(name)")
            let request = AddVoiceRequest(
                name: name, transcript: Self.transcript, language: "en", audio: try Self.sound(number, scratch))
            _ = try await caller.ask(Methods.addVoice, request, options: CallOptions(budget: .seconds(600)))
        }
        var measured = Measured()
        for repetition in 0...repetitions {
            tell(repetition == 0 ? "warming up" : "a dialogue, settled and early: \(repetition) of \(repetitions)")
            let (settled, promptRows) = try await speak(caller, .settled)
            measured.promptRows = promptRows
            // The first makes the voices' codes, maps the weights and wakes the threads.
            guard repetition > 0 else { continue }
            measured.samples.append(settled)
            measured.earlySamples.append(try await speak(caller, .early).0)
        }
        let status = try await caller.ask(Methods.status, StatusRequest(), options: CallOptions())
        measured.peakMemoryBytes["gateway"] = MemoryPeak.ofProcess(Int32(clamping: status.process))
        for worker in status.workers {
            measured.peakMemoryBytes[worker.service] = MemoryPeak.ofProcess(Int32(clamping: worker.process))
            if worker.service == "generator" { measured.precision = worker.precision }
        }
        return measured
    }

    private func speak(
        _ caller: any Caller, _ delivery: SoundDelivery
    ) async throws -> (DialogueReport.Sample, promptRows: Int) {
        var request = SpeakRequest(
            script: Self.script,
            speakers: Self.voices.map { SpeakerSource(number: $0.number, source: .voice($0.name)) }, seed: 7)
        request.secondsMax = Self.secondsMax
        request.delivery = delivery
        let clock = ContinuousClock()
        let start = clock.now
        var listener = Listener()
        let call = await caller.call(
            Methods.speak, request, options: CallOptions(budget: .seconds(3600), itemCredit: 16))
        for try await item in call.items where !item.samples.isEmpty {
            listener.hear(
                seconds: Double(item.samples.count) / Double(item.sampleRate), at: (clock.now - start) / .seconds(1))
        }
        let response = try await call.response()
        let end = clock.now
        guard let firstAudioSeconds = listener.firstAudioSeconds, response.durationSeconds > 0 else {
            throw ServiceFailure(
                .unavailable, "the model ended at once and said nothing; random weights that go on are made by --keep")
        }
        return (
            DialogueReport.Sample(
                firstAudioSeconds: firstAudioSeconds, stalledSeconds: listener.stalledSeconds,
                wallSeconds: (end - start) / .seconds(1), soundSeconds: response.durationSeconds,
                prefillSeconds: response.prefillSeconds,
                decodeSeconds: response.decodeSeconds), response.promptRows
        )
    }

    private static let voices = [(number: 1, name: "bench-one"), (number: 2, name: "bench-two")]

    /// A sound file: a hum that rises and falls, at another pitch for each voice.
    private static func sound(_ number: Int, _ scratch: URL) throws -> [UInt8] {
        let rate = 16_000
        let samples = (0..<Int(voiceSeconds * Double(rate))).map { index in
            let time = Double(index) / Double(rate)
            let loudness = 0.2 + 0.1 * sin(2 * .pi * 3 * time)
            return Float(loudness * sin(2 * .pi * 110 * Double(number) * time))
        }
        let file = scratch.appending(path: "voice.wav")
        let writer = try AudioWriter(path: file.path, format: .wav, sampleRate: rate)
        try writer.write(samples)
        try writer.finish()
        return [UInt8](try Data(contentsOf: file))
    }

    /// Where the suite's model is, and places of its own for all that it keeps.
    private func suiteOptions(_ scratch: URL) async throws -> SuiteOptions {
        var arguments = [
            "--precision", run.precision.rawValue, "--threads", "\(run.threads)", "--data-dir",
            scratch.appending(path: "data").path, "--runtime-dir", scratch.appending(path: "run").path,
        ]
        var model = run.model
        if let published = run.randomWeights {
            let folder = keep ?? scratch.appending(path: "model")
            if !RandomModel.isWhole(folder) {
                tell("writing random weights into \(folder.path)")
                let subject = BenchmarkSubject(randomWeights: published)
                let tokenizer = try DemoVoice().languageModel
                do {
                    try await BlockingWork.run {
                        try RandomModel.write(subject.languageModel, subject.codec, tokenizer: tokenizer, to: folder)
                    }
                } catch {
                    throw ServiceFailure(
                        .cannotCreate, "\(error); the model takes 6 GB: name a folder with room for it with --keep")
                }
            }
            model = folder.path
        }
        if let model { arguments += ["--model", model] }
        if let codec = run.codec { arguments += ["--codec", codec] }
        return try SuiteOptions.parse(arguments)
    }
}
