import Contracts
import Synchronization
import Tokens
import Voices
import Wire

/// A codec that answers what it was told to, and remembers what it heard.
final class FakeCodec: PromptEncoder {
    static let hash = String(repeating: "ab", count: 32)

    private let state: Mutex<(answers: [Result<EncodeResponse, CallError>], heard: [[UInt8]])>

    /// - Parameter answers: One a call; the last one is for all calls after it.
    init(_ answers: [Result<EncodeResponse, CallError>] = [.success(response())]) { state = Mutex((answers, [])) }

    var heard: [[UInt8]] { state.withLock { $0.heard } }

    func encode(_ audio: [UInt8], options: CallOptions) async throws(CallError) -> EncodeResponse {
        let answer = state.withLock { state in
            state.heard.append(audio)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        return try answer.get()
    }

    static func response(durationSeconds: Double = 4, peak: Float = 0.5, rms: Float = 0.1) -> EncodeResponse {
        EncodeResponse(
            codes: CodeMatrix(codebooks: 2, codes: [1, 2, 3, 4]), durationSeconds: durationSeconds, sampleRate: 16_000,
            channels: 1, peak: peak, rms: rms, codecHash: hash)
    }
}
