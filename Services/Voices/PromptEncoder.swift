package import Contracts
import Synchronization
package import Wire

/// Whoever makes codes of a prompt's file and measures it.
package protocol PromptEncoder: Sendable {
    /// - Throws: What the codec throws, as it is; `unavailable` where no codec is.
    func encode(_ audio: [UInt8], options: CallOptions) async throws(CallError) -> EncodeResponse
}

/// A codec behind the gateway that this worker dials.
///
/// The worker is built with the methods that ask the codec, so the door is made first and opened through the worker
/// afterwards.
package final class CodecDoor: PromptEncoder {
    private let caller = Mutex<(any Caller)?>(nil)

    package init() {}

    package func open(through caller: any Caller) { self.caller.withLock { $0 = caller } }

    package func encode(_ audio: [UInt8], options: CallOptions) async throws(CallError) -> EncodeResponse {
        guard let caller = caller.withLock({ $0 }) else {
            throw CallError(.unavailable, "the voices service has no link to a codec yet; try again")
        }
        return try await caller.ask(Methods.encode, EncodeRequest(audio: audio), options: options)
    }
}
