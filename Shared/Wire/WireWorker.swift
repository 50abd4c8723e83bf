public import Contracts
public import Logging

/// Dials gateways, announces its methods, answers requests by credit, and calls methods of others through the gateways.
public final class WireWorker: Caller {
    public init(
        gateways: [WireEndpoint], description: PeerDescription, methods: MethodTable,
        timings: LinkTimings = LinkTimings(), limits: WireLimits = WireLimits(), logger: Logger
    ) {}

    /// Works until the task is cancelled or `drain` is called; then sends `DRAIN`, finishes what runs (within
    /// `limits.drainWait`), sends `BYE` and closes.
    ///
    /// - Throws: `unsupported` when every gateway refuses this peer's version.
    public func run() async throws {}

    /// Takes no new work, and lets `run` return when what runs is finished.
    public func drain() async {}

    public func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions
    ) async -> OutgoingCall<In, Out, Response> {
        OutgoingCall(handle: .failed(CallError(.unavailable, "no gateway")))
    }
}
