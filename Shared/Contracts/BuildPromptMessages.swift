import SwiftProtobuf
public import Tokens

/// One prompt of a dialogue: the sound of one speaker, or of all in one file, and what is said in it.
public struct PromptSource: Equatable, Sendable {
    /// The transcript; tagged where the file has several speakers.
    public let text: String
    /// 1 for `[S1]`; nil when the file has all speakers.
    public let speaker: Int?
    /// A sound file as it is; nil when the codes of the joined prompts are given.
    public let audio: [UInt8]?

    public init(text: String, speaker: Int?, audio: [UInt8]?) {
        self.text = text
        self.speaker = speaker
        self.audio = audio
    }
}

/// `codec.BuildPrompt`: script and prompts become the matrix that a generator reads.
public struct BuildPromptRequest: CheckedMessage, Equatable {
    public let script: String
    /// In the order in which their sound is joined.
    public let prompts: [PromptSource]
    /// nil: as the model's version does.
    public let normalize: Bool?
    /// Silence behind the joined prompts.
    public let silenceSeconds: Double
    /// Of the joined prompts with the silence, when known; then no prompt needs its sound.
    public let codes: CodeMatrix?
    /// The decoder's reference, when known.
    public let referenceCodes: CodeMatrix?

    public init(
        script: String, prompts: [PromptSource], normalize: Bool? = nil, silenceSeconds: Double = 0,
        codes: CodeMatrix? = nil, referenceCodes: CodeMatrix? = nil
    ) {
        self.script = script
        self.prompts = prompts
        self.normalize = normalize
        self.silenceSeconds = silenceSeconds
        self.codes = codes
        self.referenceCodes = referenceCodes
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecBuildPromptRequest.self)
        guard message.prompts.count <= ContractLimits.promptsMax else {
            throw CallError(
                .tooLarge, "BuildPrompt.prompts: \(message.prompts.count); allowed are \(ContractLimits.promptsMax)")
        }
        var prompts: [PromptSource] = []
        for (index, prompt) in message.prompts.enumerated() {
            let field = "BuildPrompt.prompts[\(index)]"
            prompts.append(
                PromptSource(
                    text: try Check.text(prompt.text, bytesMax: ContractLimits.transcriptBytesMax, "\(field).text"),
                    speaker: prompt.speaker == 0 ? nil : Int(prompt.speaker),
                    audio: prompt.hasAudio
                        ? try Arrays.file(blob: prompt.audio.blob, of: body, field: "\(field).audio") : nil))
        }
        self.init(
            script: try Check.text(
                message.script, bytesMax: ContractLimits.scriptBytesMax, "BuildPrompt.script"),
            prompts: prompts,
            normalize: message.hasNormalize ? message.normalize : nil,
            silenceSeconds: try Check.seconds(
                message.silenceSeconds, max: ContractLimits.silenceSecondsMax, "BuildPrompt.silence_seconds"),
            codes: message.hasCodes ? try message.codes.codes(of: body, field: "BuildPrompt.codes") : nil,
            referenceCodes: message.hasReferenceCodes
                ? try message.referenceCodes.codes(of: body, field: "BuildPrompt.reference_codes") : nil)
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = CodecBuildPromptRequest.with { request in
            request.script = script
            for prompt in prompts {
                request.prompts.append(
                    CodecPrompt.with {
                        $0.text = prompt.text
                        $0.speaker = UInt32(clamping: prompt.speaker ?? 0)
                        if let audio = prompt.audio {
                            $0.audio.blob = blobs.add(audio)
                            $0.audio.shape = [UInt32(clamping: audio.count)]
                        }
                    })
            }
            if let normalize { request.normalize = normalize }
            request.silenceSeconds = silenceSeconds
            if let codes { request.codes = CodecArray(codes, in: &blobs) }
            if let referenceCodes { request.referenceCodes = CodecArray(referenceCodes, in: &blobs) }
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

public struct BuildPromptResponse: CheckedMessage, Equatable {
    /// `[rows, channels]`, shifted, with the tail rows.
    public let matrix: TokenGrid
    /// Of the joined prompts; nil without prompts.
    public let codes: CodeMatrix?
    /// nil where the model's version decodes without one.
    public let referenceCodes: CodeMatrix?
    /// As the model reads it.
    public let text: String
    public let warnings: [String]
    public let scriptTokens: Int

    public init(
        matrix: TokenGrid, codes: CodeMatrix?, referenceCodes: CodeMatrix?, text: String, warnings: [String],
        scriptTokens: Int
    ) {
        self.matrix = matrix
        self.codes = codes
        self.referenceCodes = referenceCodes
        self.text = text
        self.warnings = warnings
        self.scriptTokens = scriptTokens
    }

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(CodecBuildPromptResponse.self)
        guard message.matrix.shape.count == 2 else {
            throw CallError(.malformed, "BuildPrompt.matrix: the shape is not [rows, channels]")
        }
        self.init(
            matrix: try TokenGrid(
                blob: message.matrix.blob, rows: message.matrix.shape[0], channels: message.matrix.shape[1], of: body,
                field: "BuildPrompt.matrix"),
            codes: message.hasCodes ? try message.codes.codes(of: body, field: "BuildPrompt.codes") : nil,
            referenceCodes: message.hasReferenceCodes
                ? try message.referenceCodes.codes(of: body, field: "BuildPrompt.reference_codes") : nil,
            text: message.text, warnings: message.warnings, scriptTokens: Int(message.scriptTokens))
    }

    public func encoded() -> MessageBody {
        var blobs = BlobWriter()
        let message = CodecBuildPromptResponse.with {
            $0.matrix.blob = blobs.add(Arrays.bytes(matrix.ids))
            $0.matrix.shape = [UInt32(clamping: matrix.rows), UInt32(clamping: matrix.channels)]
            if let codes { $0.codes = CodecArray(codes, in: &blobs) }
            if let referenceCodes { $0.referenceCodes = CodecArray(referenceCodes, in: &blobs) }
            $0.text = text
            $0.warnings = warnings
            $0.scriptTokens = UInt32(clamping: scriptTokens)
        }
        return MessageBody(message, blobs: blobs.blobs)
    }
}

extension TokenGrid {
    /// - Throws: `malformed` or `tooLarge` naming `field`.
    init(blob: UInt32, rows: UInt32, channels: UInt32, of body: MessageBody, field: String) throws(CallError) {
        guard (1...UInt32(ContractLimits.channelsMax)).contains(channels) else {
            throw CallError(
                .malformed, "\(field): \(channels) channels; allowed is 1...\(ContractLimits.channelsMax)")
        }
        guard rows <= ContractLimits.rowsMax else {
            throw CallError(.tooLarge, "\(field): \(rows) rows; allowed are \(ContractLimits.rowsMax)")
        }
        let ids = try Arrays.integers(
            Int32.self, blob: blob, count: Int(rows) * Int(channels), of: body, field: field)
        self.init(channels: Int(channels), ids: ids)
    }
}
