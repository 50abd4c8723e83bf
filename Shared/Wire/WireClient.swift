public import Contracts
public import Logging

/// Calls methods through a gateway, and answers none.
public final class WireClient: Caller {
    private let end: DialledEnd

    /// Dials the gateway and waits for its `WELCOME`.
    ///
    /// - Parameters:
    ///   - software: The version of the program, told to the gateway in `HELLO`.
    ///   - timings: Until the gateway tells its own.
    ///   - connectWait: How long a gateway may take to answer.
    /// - Throws: `unavailable` when none does; `unsupported` when it speaks another version.
    public init(
        endpoint: WireEndpoint, software: String? = nil, timings: LinkTimings = LinkTimings(),
        limits: WireLimits = WireLimits(),
        connectWait: Duration = .seconds(3), logger: Logger
    ) async throws(CallError) {
        end = DialledEnd(
            endpoint: endpoint,
            description: .thisProcess(
                service: "client", software: software ?? PeerDescription.unnamedSoftware, slots: 0, methods: []),
            methods: MethodTable(), requestsMax: 1, timings: timings, limits: limits, logger: logger)
        await end.start()
        do throws(CallError) {
            try await end.waitUntilUp(connectWait)
        } catch {
            await end.close(error)
            throw error
        }
    }

    public func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions
    ) async -> OutgoingCall<In, Out, Response> {
        OutgoingCall(
            handle: await end.call(method.name, request.encoded(), options, hasItems: Out.self != NoItem.self))
    }

    /// Ends what runs as `cancelled`, says `BYE` and closes the socket. Without it, the gateway takes the client for lost
    /// a little later.
    public func close() async { await end.close(CallError(.cancelled, "this client was closed")) }
}
