import Contracts
import Foundation
import Gateway
import Logging
import Synchronization
import TestSupport
import Tokens
import Wire

/// A real gateway with made-up workers, over real sockets, in one process.
///
/// The generator makes frames that count up, the codec makes two samples of each, and the library keeps codes in memory.
final class FakeSuite: Sendable {
    static let codebooks = 2
    static let channels = 3

    /// What the workers saw, and what they are told to do.
    struct Notes {
        var prompts: [PromptsRequest] = []
        var built: [BuildPromptRequest] = []
        var generated: [GenerateRequest] = []
        var decoded: [DecodeRequest] = []
        var kept: [String: CodeMatrix] = [:]
        var generatorFailure: CallError?
    }

    let notes = Mutex(Notes())
    /// The generator takes one from here before each item when it is set.
    let gate: Gate?
    let endpoint: WireEndpoint
    private let scratch: ScratchFolder
    private let tasks = Mutex<[Task<Void, any Error>]>([])
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(
        services: [String] = ["codec", "generator", "voices"], sessionsMax: Int = 4, sessionsWaitingMax: Int = 4,
        appearWait: Duration = .seconds(60), gate: Gate? = nil, generatorChannels: Int = channels
    ) throws {
        scratch = try ScratchFolder()
        endpoint = try WireEndpoint("ipc://\(scratch.url.path)/g.sock")
        self.gate = gate
        var limits = WireLimits()
        limits.appearWait = appearWait
        limits.drainWait = .zero
        let dialogues = DialogueService(
            sessionsMax: sessionsMax, sessionsWaitingMax: sessionsWaitingMax, appearWait: appearWait, logger: logger)
        let gateway = WireGateway(bind: [endpoint], methods: dialogues.methods, limits: limits, logger: logger)
        dialogues.attach(gateway)
        start { try await gateway.run() }
        for service in services { startWorker(service, limits: limits, channels: generatorChannels) }
    }

    func client() async throws -> WireClient {
        try await WireClient(endpoint: endpoint, connectWait: .seconds(60), logger: logger)
    }

    /// What lies in the folder of the gateway's socket.
    func filesLeft() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) }

    /// Ends everything; no task outlives a test.
    func stop() async {
        let running = tasks.withLock { $0 }
        for task in running.reversed() { task.cancel() }
        for task in running { _ = await task.result }
    }

    private func start(_ work: @escaping @Sendable () async throws -> Void) {
        tasks.withLock { $0.append(Task { try await work() }) }
    }

    private func startWorker(_ service: String, limits: WireLimits, channels: Int) {
        var methods = MethodTable()
        switch service {
        case "codec": addCodec(to: &methods)
        case "generator": addGenerator(to: &methods)
        default: addVoices(to: &methods)
        }
        var model = ModelFacts()
        model.name = "fake"
        model.codecHash = "c0dec"
        model.languageModelHash = "1a"
        model.codebooks = Self.codebooks
        model.channels = service == "generator" ? channels : Self.channels
        model.framesPerSecond = 10
        model.outputSampleRate = 20
        let description = PeerDescription(
            service: service, software: "fake",
            instance: (0..<16).map { _ in UInt8.random(in: .min ... .max) }, process: 7, host: "here", slots: 4,
            methods: methods.names, model: model)
        let worker = WireWorker(
            gateways: [endpoint], description: description, methods: methods, limits: limits, logger: logger)
        start { try await worker.run() }
    }

    // MARK: The workers

    static func frames(_ range: Range<Int>) -> CodeMatrix {
        CodeMatrix(codebooks: codebooks, codes: range.flatMap { [UInt16($0), UInt16($0)] })
    }

    /// The sound that the fake codec makes of frames 0..<count.
    static func sound(frames count: Int) -> [Float] { (0..<count).flatMap { [Float($0), Float($0) + 0.5] } }

    private func addCodec(to methods: inout MethodTable) {
        methods.on(Methods.buildPrompt) { [self] request, _ in
            notes.withLock { $0.built.append(request) }
            guard !request.script.isEmpty else {
                throw CallError(.invalidArgument, "line 1, column 1: no turn", details: ["line": "1"])
            }
            return BuildPromptResponse(
                matrix: TokenGrid(channels: Self.channels, ids: [1, 2, 3]),
                codes: request.prompts.isEmpty ? nil : Self.frames(100..<103), referenceCodes: nil, text: "as read",
                warnings: [], scriptTokens: 1)
        }
        methods.on(Methods.decode) { [self] request, context in
            notes.withLock { $0.decoded.append(request) }
            var frames = 0
            for try await item in context.items {
                let range = frames..<frames + item.codes.frames
                frames = range.upperBound
                try await context.send(AudioItem(samples: range.flatMap { [Float($0), Float($0) + 0.5] }))
            }
            return DecodeResponse(frames: frames, samples: frames * 2, sampleRate: 20)
        }
    }

    private func addGenerator(to methods: inout MethodTable) {
        methods.on(Methods.generate) { [self] request, context in
            notes.withLock { $0.generated.append(request) }
            let count = request.framesMax ?? 5
            for frame in 0..<count {
                if let gate { try await gate.pass() }
                if frame == 2, let failure = notes.withLock({ $0.generatorFailure }) { throw failure }
                try await context.send(FramesItem(codes: Self.frames(frame..<frame + 1), firstFrame: frame))
            }
            return GenerateResponse(
                finish: .framesMax, frames: count, steps: count + 2, prefillSeconds: 0, decodeSeconds: 0)
        }
    }

    private func addVoices(to methods: inout MethodTable) {
        methods.on(Methods.prompts) { [self] request, _ in
            let key = request.voices.joined(separator: "+")
            let kept = notes.withLock {
                $0.prompts.append(request)
                return request.codecHash == "c0dec" ? $0.kept[key] : nil
            }
            let voices = try request.voices.map { name in
                guard name != "nobody" else { throw CallError(.notFound, "no voice \"nobody\"") }
                var voice = VoiceSummary()
                voice.name = name
                voice.transcript = "\(name) says this."
                return voice
            }
            return PromptsResponse(
                voices: voices, audio: kept == nil ? voices.map { Array($0.name.utf8) } : [], codes: kept,
                referenceCodes: nil, key: key)
        }
        methods.on(Methods.storeCodes) { [self] request, _ in
            notes.withLock { $0.kept[request.key] = request.codes }
            return Done()
        }
    }
}

/// Lets a fake worker go on one step at a time, and tells when it was stopped while it waited.
final class Gate: Sendable {
    private let permits: AsyncStream<Void>
    private let giver: AsyncStream<Void>.Continuation
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let stops: AsyncStream<Void>
    private let stopped: AsyncStream<Void>.Continuation
    private let isGone = Mutex(false)

    init() {
        (permits, giver) = AsyncStream.makeStream()
        (arrivals, arrived) = AsyncStream.makeStream()
        (stops, stopped) = AsyncStream.makeStream()
    }

    func open(times: Int) { for _ in 0..<times { giver.yield() } }

    /// From now on nobody waits here. (A stream of permits ends with the first waiter that is stopped.)
    func remove() { isGone.withLock { $0 = true } }

    /// Until a worker stands at the gate.
    func waitForArrival() async { for await _ in arrivals { return } }

    /// Until a worker was stopped at the gate.
    func waitForStop() async { for await _ in stops { return } }

    func pass() async throws {
        if isGone.withLock({ $0 }) { return }
        arrived.yield()
        for await _ in permits { return }
        stopped.yield()
        throw CancellationError()
    }
}
