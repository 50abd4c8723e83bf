import Audio
import Checkpoint
import Compute
import Dialogue
import Foundation
import LanguageModel
import SpeechCodec
import Synchronization
import TestSupport
import Testing
import Tokens

/// Script and voices to sound, made of the rooms alone: no service, no socket.
struct Pipeline: Sendable {
    let version: DialogueVersion
    let languageModel: LanguageModel
    let codec: SpeechCodec
    let prompts: PromptBuilder
    let rules: GenerationRules
    let sampling: [ChannelSampling]
    /// Frames.
    let maxNewTokens: Int
    /// Behind the joined prompts.
    let silenceSeconds: Double
    /// nil as the version does when nobody says.
    let normalize: Bool?

    /// Runs all items as one batch, as the original does: side by side from the first row to the last.
    func run(_ items: [PipelineItem]) async throws -> PipelineRun {
        var calls = EncoderCalls()
        var prepared: [PreparedItem] = []
        for item in items { prepared.append(try prepare(item, &calls)) }
        let batch = PaddedBatch(prepared.map(\.grid), pads: prompts.pattern.pads)

        let engine = try GenerationEngine(model: languageModel)
        defer { engine.shutDown() }
        let requests = batch.grids.indices.map { request(batch, item: $0) }
        let streams = try requests.map { try engine.stream($0) }
        var spoken: [SpokenItem] = []
        for (index, stream) in streams.enumerated() {
            spoken.append(
                SpokenItem(
                    rows: try RowByRow.rows(languageModel, requests[index]), pieces: try await stream.pieces()))
        }
        for index in spoken.indices where spoken[index].frames.frames > 0 {
            if version == .v07, let sound = prepared[index].sound {
                spoken[index].reference = try calls.reference(of: sound, codec)
            }
            spoken[index].wave = try codec.decode(spoken[index].frames, behind: spoken[index].reference)
        }
        return PipelineRun(batch: batch, prepared: prepared, spoken: spoken, encoderCalls: calls)
    }

    private func prepare(_ item: PipelineItem, _ calls: inout EncoderCalls) throws -> PreparedItem {
        let files = try item.promptFiles.map { try PromptAudio.loadMono16k(path: $0.path) }
        let sound = files.isEmpty ? nil : PromptAudio.merged(files)
        let codes = try sound.map {
            try calls.codes(of: PromptAudio.appendingSilence(seconds: silenceSeconds, to: $0), codec)
        }
        let text = prompts.text(script: item.script, promptText: item.promptText, normalize: normalize)
        return PreparedItem(
            sound: sound, codes: codes, text: text, finalText: PromptLayout.withSpeakerTokens(text),
            grid: try prompts.grid(
                script: item.script, promptText: item.promptText, promptCodes: codes, normalize: normalize))
    }

    private func request(_ batch: PaddedBatch, item: Int) -> GenerationRequest {
        var request = GenerationRequest(
            prompt: batch.grids[item], seed: 0, sampling: sampling, maxNewTokens: maxNewTokens, rules: rules)
        request.paddingRows = batch.leadingPads[item]
        return request
    }
}

/// What is to be said, and with which prompt.
struct PipelineItem: Sendable {
    let script: String
    let promptText: String
    let promptFiles: [URL]
}

/// A dialogue as the language model starts from it.
struct PreparedItem: Sendable {
    /// The joined prompts, mono at 16 kHz, without silence behind; nil without a prompt.
    let sound: [Float]?
    let codes: CodeMatrix?
    let text: String
    let finalText: String
    let grid: TokenGrid
}

/// A dialogue as it was said.
struct SpokenItem: Sendable {
    /// The generated rows, flush and all.
    let rows: TokenGrid
    /// The frames, cut as the engine told them.
    let pieces: [CodeMatrix]
    var reference: DecodeReference?
    /// At the codec's output rate.
    var wave: [Float] = []

    var frames: CodeMatrix {
        pieces.reduce(into: CodeMatrix(codebooks: rows.channels)) { $0.append(contentsOf: $1) }
    }
}

struct PipelineRun: Sendable {
    let batch: PaddedBatch
    let prepared: [PreparedItem]
    let spoken: [SpokenItem]
    let encoderCalls: EncoderCalls
}

/// Every distinct piece of sound that the encoder was given, in the order of the first time.
struct EncoderCalls: Sendable {
    struct Call: Sendable {
        let samples: [Float]
        let codes: CodeMatrix
    }

    private(set) var calls: [Call] = []

    mutating func codes(of samples: [Float], _ codec: SpeechCodec) throws -> CodeMatrix {
        let codes = try codec.encode(samples)
        note(samples, codes)
        return codes
    }

    mutating func reference(of prompt: [Float], _ codec: SpeechCodec) throws -> DecodeReference {
        let reference = try codec.reference(prompt)
        note(Padding.fit(prompt, count: codec.timing.referenceSamples), reference.codes)
        return reference
    }

    private mutating func note(_ samples: [Float], _ codes: CodeMatrix) {
        if !calls.contains(where: { $0.samples == samples }) { calls.append(Call(samples: samples, codes: codes)) }
    }
}
