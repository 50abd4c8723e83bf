import Contracts

/// The doors through which foreign bytes come: whatever they are, the answer is a message or a `CallError`.
package enum WireFuzz {
    /// Reads the parts as a message of CLQ/1 and its body as everything it could be.
    ///
    /// - Returns: How many doors let it in.
    @discardableResult package static func message(_ parts: [[UInt8]]) -> Int {
        _ = Envelope.streamHint(in: parts.first ?? [])
        _ = Envelope.isErrorHint(in: parts.first ?? [])
        var passed = 0
        if case .success(let message) = attempt({ () throws(CallError) in try WireMessage(parts: parts) }) {
            passed += 1
            _ = message.parts
        }
        let body = MessageBody(payload: parts.count > 1 ? parts[1] : [], blobs: Array(parts.dropFirst(2)))
        for door in doors where door(body) { passed += 1 }
        return passed
    }

    private static let doors: [@Sendable (MessageBody) -> Bool] =
        [door(PeerDescription.self), door(Welcome.self), door(Accepted.self), door(CallError.self)]
        + door(Methods.tokenize) + door(Methods.detokenize) + door(Methods.buildPrompt) + door(Methods.encode)
        + door(Methods.decode) + door(Methods.generate) + door(Methods.addVoice) + door(Methods.getVoice)
        + door(Methods.listVoices) + door(Methods.renameVoice) + door(Methods.removeVoice) + door(Methods.prompts)
        + door(Methods.storeCodes) + door(Methods.speak) + door(Methods.status)

    private static func door<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>
    ) -> [@Sendable (MessageBody) -> Bool] {
        [door(Request.self), door(In.self), door(Out.self), door(Response.self)]
    }

    /// What was let in must also find its way out.
    private static func door<Message: CheckedMessage>(_: Message.Type) -> @Sendable (MessageBody) -> Bool {
        { body in
            guard case .success(let message) = attempt({ () throws(CallError) in try Message(body) }) else {
                return false
            }
            _ = message.encoded()
            return true
        }
    }

    private static func attempt<Value>(_ work: () throws(CallError) -> Value) -> Result<Value, CallError> {
        do throws(CallError) { return .success(try work()) } catch { return .failure(error) }
    }
}
