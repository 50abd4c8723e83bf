import Audio
import Checkpoint
import Contracts
import Dialogue
import SpeechCodec
import Tokens

extension CodecModel {
    /// `codec.BuildPrompt`.
    func buildPrompt(_ request: BuildPromptRequest) throws -> BuildPromptResponse {
        let script = try prompts.script(request.script, normalize: request.normalize)
        let promptText = try promptText(of: request.prompts)
        let sound = try PromptSound(request, model: self)
        let grid = try prompts.grid(
            script: request.script, promptText: promptText, promptCodes: sound.codes, normalize: request.normalize)
        return BuildPromptResponse(
            matrix: grid, codes: sound.codes, referenceCodes: sound.reference,
            text: prompts.text(script: request.script, promptText: promptText, normalize: request.normalize),
            warnings: script.warnings.map(\.description) + missingPrompts(script, request.prompts),
            scriptTokens: prompts.tokenizer.encode(request.script).count)
    }

    /// The transcripts as one text, tagged by speaker; that of a file with all speakers is tagged already.
    private func promptText(of sources: [PromptSource]) throws -> String {
        if sources.contains(where: { $0.speaker == nil }) {
            guard sources.count == 1 else {
                throw CallError(
                    .invalidArgument,
                    "a prompt with all speakers stands beside \(sources.count - 1) others; give it alone, or one a speaker"
                )
            }
            return sources[0].text
        }
        var transcripts = [String?](repeating: nil, count: facts.speakers)
        var last = 0
        for source in sources {
            guard let speaker = source.speaker, (1...facts.speakers).contains(speaker) else {
                throw CallError(
                    .invalidArgument,
                    "a prompt is for speaker \(source.speaker ?? 0); this model has speakers 1...\(facts.speakers)")
            }
            guard speaker > last else {
                throw CallError(.invalidArgument, "prompts stand in the order of their speakers, one a speaker")
            }
            last = speaker
            transcripts[speaker - 1] = source.text
        }
        return PromptLayout.promptText(of: transcripts)
    }

    /// A speaker without a prompt gets a voice of the model's own choice, which is seldom what was wanted.
    private func missingPrompts(_ script: Script, _ sources: [PromptSource]) -> [String] {
        guard !sources.isEmpty, !sources.contains(where: { $0.speaker == nil }) else { return [] }
        let given = Set(sources.compactMap(\.speaker))
        return script.speakers.filter { !given.contains($0) }.map {
            "[S\($0)] speaks, but has no voice; the model will choose one"
        }
    }
}

/// What the joined prompts come to: codes for the language model, and for the decoder where the version has it.
private struct PromptSound {
    var codes: CodeMatrix?
    var reference: CodeMatrix?

    init(_ request: BuildPromptRequest, model: CodecModel) throws {
        guard !request.prompts.isEmpty else {
            guard request.codes == nil else {
                throw CallError(.invalidArgument, "BuildPrompt.codes without a prompt that says what they are")
            }
            return
        }
        let codec = model.codec
        let wantsReference = model.flavor == .v07
        codes = request.codes
        reference = wantsReference ? request.referenceCodes : nil
        if let codes { try codec.check(codes) }
        if let reference { _ = try codec.reference(codes: reference) }
        guard codes == nil || (wantsReference && reference == nil) else { return }

        let speech = PromptAudio.merged(
            try request.prompts.enumerated().map { index, prompt in
                guard let audio = prompt.audio else {
                    throw CallError(
                        .invalidArgument, "BuildPrompt.prompts[\(index)] has neither sound nor codes",
                        details: ["field": "prompts[\(index)].audio"])
                }
                return try model.speech(audio, source: "prompt \(index + 1)")
            })
        if codes == nil {
            codes = try codec.encode(PromptAudio.appendingSilence(seconds: request.silenceSeconds, to: speech))
        }
        if wantsReference, reference == nil { reference = try codec.reference(speech).codes }
    }
}
