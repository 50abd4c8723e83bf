public import Contracts
public import Logging

/// Dials gateways, announces its methods, answers requests by credit, and calls methods of others through the gateways.
public final class WireWorker: Caller {
    private let ends: [DialledEnd]
    private let stop = StopSignal()

    /// - Parameters:
    ///   - gateways: Each is given an equal share of the slots as credit, and at least one.
    ///   - description: What `HELLO` says; its `methods` are those of the table.
    public init(
        gateways: [WireEndpoint], description: PeerDescription, methods: MethodTable,
        timings: LinkTimings = LinkTimings(), limits: WireLimits = WireLimits(), logger: Logger
    ) {
        var description = description
        description.methods = methods.names
        let share = max(1, description.slots / max(1, gateways.count))
        ends = gateways.map {
            DialledEnd(
                endpoint: $0, description: description, methods: methods, requestsMax: share, timings: timings,
                limits: limits, logger: logger)
        }
    }

    /// Works until the task is cancelled or `drain` is called; then sends `DRAIN`, finishes what runs (within
    /// `limits.drainWait`), sends `BYE` and closes.
    ///
    /// - Throws: What a gateway refuses this peer with, when every one does: `unsupported` for another version.
    public func run() async throws(CallError) {
        guard !ends.isEmpty else { throw CallError(.invalidArgument, "a worker needs the endpoint of a gateway") }
        for end in ends { await end.start() }
        let refusals = Task { [ends, stop] in
            var refusal = CallError(.unavailable, "no gateway")
            for end in ends {
                guard let error = await end.waitUntilRefused() else { return }
                refusal = error
            }
            stop.fire(.failure(refusal))
        }
        let result = await stop.wait()
        refusals.cancel()
        if case .success = result {
            await withTaskGroup(of: Void.self) { group in
                for end in ends { group.addTask { await end.drainWork() } }
            }
        }
        for end in ends { await end.close(CallError(.unavailable, "this worker has stopped")) }
        try result.get()
    }

    /// Takes no new work, and lets `run` return when what runs is finished.
    public func drain() async { stop.fire() }

    /// Through the first gateway that answers.
    public func call<Request, In, Out, Response>(
        _ method: CallMethod<Request, In, Out, Response>, _ request: Request, options: CallOptions
    ) async -> OutgoingCall<In, Out, Response> {
        var up: DialledEnd?
        for end in ends where up == nil {
            if await end.isUp { up = end }
        }
        guard let chosen = up ?? ends.first else {
            return OutgoingCall(handle: .failed(CallError(.unavailable, "this worker has no gateway")))
        }
        return OutgoingCall(
            handle: await chosen.call(method.name, request.encoded(), options, hasItems: Out.self != NoItem.self))
    }
}
