internal import Checkpoint
internal import Compute
internal import Synchronization

/// Names a request of an engine.
public struct GenerationTicket: Hashable, Sendable {
    let number: UInt64
}

/// Generates several requests at once: one thread, one step after another, decode rows and pieces of prompts together.
///
/// What a request becomes does not depend on the requests beside it.
public final class GenerationEngine: Sendable {
    public let model: LanguageModel
    public let limits: EngineLimits
    /// What it takes; `keysAndValues` is what requests share.
    public let memory: EngineMemory
    private let mailbox: EngineMailbox
    private let thread: OwnThread
    private let rowsMax: Int

    /// Starts the engine's thread.
    ///
    /// - Throws: `LanguageModelError.badField` for a limit out of its range, `memoryTooSmall` when the limit of memory
    ///   leaves no room.
    public init(model: LanguageModel, limits: EngineLimits = EngineLimits()) throws(LanguageModelError) {
        try limits.check()
        self.model = model
        self.limits = limits
        rowsMax = limits.rowsMax ?? model.configuration.positionsMax
        let mailbox = EngineMailbox()
        self.mailbox = mailbox
        let memory = try EngineMemory(model, limits)
        self.memory = memory
        let pages = memory.keysAndValues / model.cacheLayout.pageBytes
        thread = OwnThread(name: "clq-generate") {
            StepLoop(model: model, limits: limits, pages: pages, mailbox: mailbox).run()
        }
    }

    deinit { shutDown() }

    /// Requests that wait or run.
    public var load: Int { mailbox.outstanding }

    /// Bytes of keys and values that a request may need at most: the formula of admission.
    public func cacheBytes(for request: GenerationRequest) -> Int {
        model.cacheLayout.pages(forRows: request.cacheRowsMax) * model.cacheLayout.pageBytes
    }

    /// The largest `maxNewTokens` that a prompt leaves room for, in the context and in the memory of an idle engine; 0 or
    /// less when there is none.
    ///
    /// - Parameter promptRows: Rows of the shifted matrix.
    public func newTokensMax(promptRows: Int) -> Int {
        let pages = memory.keysAndValues / model.cacheLayout.pageBytes
        let rows = min(rowsMax, model.cacheLayout.rows(inPages: pages))
        return rows - promptRows - (model.configuration.channels - 1)
    }

    /// Checks the request and puts it in the queue.
    ///
    /// - Parameter onEvent: Called on the engine's thread, which waits for it: hand on, do not work there.
    /// - Throws: What is wrong with the request; or `overloaded`.
    public func submit(
        _ request: GenerationRequest, onEvent: @escaping @Sendable (GenerationEvent) -> Void
    ) throws(LanguageModelError) -> GenerationTicket {
        try request.check(model.configuration, rowsMax: rowsMax)
        let bytes = cacheBytes(for: request)
        guard bytes <= memory.keysAndValues else {
            throw .tooLargeForMemory(bytes: bytes, available: memory.keysAndValues)
        }
        return try mailbox.post(request, onEvent, outstandingMax: limits.slots + limits.waitingMax)
    }

    /// Ends a request within two steps with `failed(.cancelled)`; one that has ended already stays as it is.
    public func cancel(_ ticket: GenerationTicket) { mailbox.cancel(ticket) }

    /// Ends every request with `failed(.stopped)` and the thread with it. More calls do nothing.
    public func shutDown() {
        if mailbox.stop() { thread.join() }
    }
}
