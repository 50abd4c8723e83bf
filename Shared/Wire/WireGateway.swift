public import Contracts
public import Logging

/// A worker as the gateway knows it.
public struct ConnectedWorker: Sendable {
    public let description: PeerDescription
    /// Requests that it works on for this gateway.
    public let running: Int
    public let upSeconds: Double
}

/// Answers the methods of its own table and forwards every other request to a worker that announced the method.
public final class WireGateway: Caller {
    private let bind: [WireEndpoint]
    private let end: GatewayEnd
    private let stop = StopSignal()

    /// - Parameter software: Its version, told to every peer in `WELCOME`.
    public init(
        bind: [WireEndpoint], software: String? = nil, methods: MethodTable, limits: WireLimits = WireLimits(),
        timings: LinkTimings = LinkTimings(), logger: Logger
    ) {
        self.bind = bind
        end = GatewayEnd(
            description: .thisProcess(
                service: "gateway", software: software ?? PeerDescription.unnamedSoftware, slots: limits.ownRequestsMax,
                methods: methods.names),
            methods: methods, timings: timings, limits: limits, logger: logger)
    }

    /// Binds, and serves until the task is cancelled; then takes no new requests, finishes what runs (within
    /// `limits.drainWait`), closes, and leaves no socket file or lock behind.
    ///
    /// - Throws: `alreadyExists` when another gateway lives at an endpoint; `invalidArgument` when one cannot be bound.
    public func run() async throws(CallError) {
        await end.start()
        do throws(CallError) {
            try await end.bind(bind)
        } catch {
            await end.close()
            throw error
        }
        _ = await stop.wait()
        await end.drainWork()
        await end.close()
    }

    /// Where it is bound, with the port that `tcp://…:0` got; waits until it is.
    ///
    /// - Throws: What `run` throws when an endpoint cannot be bound.
    public var boundEndpoints: [WireEndpoint] {
        get async throws(CallError) { try await end.boundEndpoints.get() }
    }

    /// In the order in which they came.
    public var workers: [ConnectedWorker] { get async { await end.workers } }

    public func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions
    ) async -> OutgoingCall<In, Out, Response> {
        OutgoingCall(
            handle: await end.call(method.name, request.encoded(), options, hasItems: Out.self != NoItem.self))
    }
}
