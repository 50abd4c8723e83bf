import Contracts
import Foundation
import Logging
import TestSupport
import Wire

/// Any bytes: what the tests' methods say.
struct Words: CheckedMessage, Equatable {
    var text: String
    var blobs: [[UInt8]] = []

    init(_ text: String, blobs: [[UInt8]] = []) {
        self.text = text
        self.blobs = blobs
    }

    init(_ body: MessageBody) throws(CallError) {
        guard let text = String(validating: body.payload, as: UTF8.self) else {
            throw CallError(.malformed, "Words: not UTF-8")
        }
        self.init(text, blobs: body.blobs)
    }

    func encoded() -> MessageBody { MessageBody(payload: Array(text.utf8), blobs: blobs) }
}

enum Ask {
    /// Answers what it was asked.
    static let echo = CallMethod<Words, NoItem, NoItem, Words>("codec.Echo")
    /// Sends as many items as asked for.
    static let count = CallMethod<Words, NoItem, Words, Words>("codec.Count")
    /// Sends each item back.
    static let mirror = CallMethod<Words, Words, Words, Words>("codec.Mirror")
    /// Never answers; ends when cancelled.
    static let hang = CallMethod<Words, NoItem, NoItem, Words>("codec.Hang")
    /// Of the gateway: asks a codec itself.
    static let relay = CallMethod<Words, NoItem, NoItem, Words>("dialogue.Relay")
}

/// Something that will happen, and was counted when it did.
actor Happening {
    private var count = 0
    private var waiters: [(Int, CheckedContinuation<Void, Never>)] = []

    func happened() {
        count += 1
        let done = waiters.filter { $0.0 <= count }
        waiters.removeAll { $0.0 <= count }
        for waiter in done { waiter.1.resume() }
    }

    func times() -> Int { count }

    func wait(for times: Int = 1) async {
        if count >= times { return }
        await withCheckedContinuation { waiters.append((times, $0)) }
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Short enough that a lost peer is found within a test, long enough for a loaded machine.
let shortTimings = LinkTimings(heartbeat: .milliseconds(100), missedMax: 30)

func describe(_ service: String, slots: Int = 4) -> PeerDescription {
    PeerDescription(
        service: service, software: "test", instance: (0..<16).map { _ in UInt8.random(in: 0...255) },
        process: UInt64(ProcessInfo.processInfo.processIdentifier), host: "here", slots: slots, methods: [])
}

/// A gateway and what was started with it, in this process.
final class Suite: Sendable {
    let folder: ScratchFolder
    let gateway: WireGateway
    let endpoint: WireEndpoint
    let tcp: WireEndpoint
    private let task: Task<Result<Void, any Error>, Never>

    init(
        methods: MethodTable = MethodTable(), limits: WireLimits = WireLimits(), timings: LinkTimings = shortTimings
    ) async throws {
        folder = try ScratchFolder()
        endpoint = try WireEndpoint("ipc://\(folder.url.path)/run/gateway.sock")
        let gateway = WireGateway(
            bind: [endpoint, try WireEndpoint("tcp://127.0.0.1:0")], software: "9.8.7", methods: methods,
            limits: limits, timings: timings, logger: quiet)
        self.gateway = gateway
        task = Task {
            do {
                try await gateway.run()
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        tcp = try await gateway.boundEndpoints[1]
    }

    func stop() async throws {
        task.cancel()
        try await task.value.get()
    }

    func client(over endpoint: WireEndpoint? = nil) async throws -> WireClient {
        try await WireClient(
            endpoint: endpoint ?? self.endpoint, timings: shortTimings, connectWait: .seconds(60), logger: quiet)
    }

    /// Starts a worker and waits until the gateway knows it.
    func worker(_ methods: MethodTable, slots: Int = 4, over endpoint: WireEndpoint? = nil) async throws
        -> RunningWorker
    {
        let known = await gateway.workers.count
        let running = RunningWorker(
            WireWorker(
                gateways: [endpoint ?? self.endpoint], description: describe("codec", slots: slots), methods: methods,
                timings: shortTimings, logger: quiet))
        while await gateway.workers.count <= known { try await Task.sleep(for: .milliseconds(5)) }
        return running
    }
}

final class RunningWorker: Sendable {
    let worker: WireWorker
    private let task: Task<Void, Never>

    init(_ worker: WireWorker) {
        self.worker = worker
        task = Task { try? await worker.run() }
    }

    func stop() async {
        task.cancel()
        await task.value
    }
}

/// What most tests ask for.
func codecMethods(hung: Happening = Happening(), cancelled: Happening = Happening()) -> MethodTable {
    var methods = MethodTable()
    methods.on(Ask.echo) { request, _ in request }
    methods.on(Ask.count) { request, context in
        let count = Int(request.text) ?? 0
        for number in 0..<count { try await context.send(Words("\(number)")) }
        return Words("\(count) sent")
    }
    methods.on(Ask.mirror) { _, context in
        var count = 0
        for try await item in context.items {
            try await context.send(item)
            count += 1
        }
        return Words("\(count) mirrored")
    }
    methods.on(Ask.hang) { _, _ in
        await hung.happened()
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            await cancelled.happened()
            throw error
        }
        return Words("woke up")
    }
    return methods
}

func failure<Value>(_ work: () async throws -> Value) async -> CallError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? CallError
    }
}
