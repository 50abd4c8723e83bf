import SwiftProtobuf

/// `gateway.Status`.
public struct StatusRequest: CheckedMessage, Equatable {
    public init() {}
    public init(_ body: MessageBody) throws(CallError) { _ = try body.decode(DialogueStatusRequest.self) }
    public func encoded() -> MessageBody { MessageBody(DialogueStatusRequest()) }
}

/// A worker as its gateway sees it.
public struct WorkerStatus: Equatable, Sendable {
    public var service = ""
    /// Hex.
    public var instance = ""
    public var process: UInt64 = 0
    public var host = ""
    public var slots = 0
    public var running = 0
    public var software = ""
    public var model = ""
    public var precision = ""
    public var device = ""
    public var upSeconds = 0.0
    public var methods: [String] = []

    public init() {}
}

public struct StatusResponse: CheckedMessage, Equatable {
    public var software = ""
    public var process: UInt64 = 0
    public var upSeconds = 0.0
    public var workers: [WorkerStatus] = []
    /// Dialogues that are spoken now.
    public var sessions = 0
    /// Services of which no worker is known.
    public var missing: [String] = []

    public init() {}

    public init(_ body: MessageBody) throws(CallError) {
        let message = try body.decode(DialogueStatusResponse.self)
        software = message.software
        process = message.process
        upSeconds = message.upSeconds
        sessions = Int(message.sessions)
        missing = message.missing
        workers = message.workers.map { worker in
            var status = WorkerStatus()
            status.service = worker.service
            status.instance = worker.instance
            status.process = worker.process
            status.host = worker.host
            status.slots = Int(worker.slots)
            status.running = Int(worker.running)
            status.software = worker.software
            status.model = worker.model
            status.precision = worker.precision
            status.device = worker.device
            status.upSeconds = worker.upSeconds
            status.methods = worker.methods
            return status
        }
    }

    public func encoded() -> MessageBody {
        MessageBody(
            DialogueStatusResponse.with { response in
                response.software = software
                response.process = process
                response.upSeconds = upSeconds
                response.sessions = UInt32(clamping: sessions)
                response.missing = missing
                response.workers = workers.map { worker in
                    DialogueWorkerStatus.with {
                        $0.service = worker.service
                        $0.instance = worker.instance
                        $0.process = worker.process
                        $0.host = worker.host
                        $0.slots = UInt32(clamping: worker.slots)
                        $0.running = UInt32(clamping: worker.running)
                        $0.software = worker.software
                        $0.model = worker.model
                        $0.precision = worker.precision
                        $0.device = worker.device
                        $0.upSeconds = worker.upSeconds
                        $0.methods = worker.methods
                    }
                }
            })
    }
}
