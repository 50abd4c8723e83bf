package import Contracts
package import Sessions
package import Wire

/// Does what a `SpeakSession` says: calls workers, waits for them and for the client, and tells what happened.
///
/// Each wait is a task of its own that tells one event. They are not children of the handler's task, because a handler
/// that has failed must not wait for a client that takes nothing: what still waits ends with its call, which is
/// cancelled here or ends when the handler returns.
package struct SpeakShell {
    private let caller: any Caller
    private let client: CallContext<NoItem, SpeakItem>
    private let began = ContinuousClock.now
    private let events: AsyncStream<SpeakSession.Event>
    /// Unbounded by type, bounded by the session: every wait tells once, and the session asks for few at a time.
    private let teller: AsyncStream<SpeakSession.Event>.Continuation
    private var generator: OutgoingCall<NoItem, FramesItem, GenerateResponse>?
    private var decoder: OutgoingCall<CodesItem, AudioItem, DecodeResponse>?
    private var asks: [SpeakSession.Child: Task<Void, Never>] = [:]

    /// Frames that may be under way from a generator, and pieces of sound from a decoder: each up to a window long.
    private static let framesCredit = 16
    private static let soundCredit = 2

    package init(caller: any Caller, client: CallContext<NoItem, SpeakItem>) {
        self.caller = caller
        self.client = client
        (events, teller) = AsyncStream.makeStream()
    }

    /// Runs the session to its end.
    ///
    /// - Throws: The error with which the session fails; `cancelled` when the task is cancelled.
    package mutating func run(_ session: SpeakSession) async throws(CallError) -> SpeakResponse {
        var session = session
        if let response = try await perform(session.start()) { return response }
        for await event in events {
            let directives = session.handle(event, at: ContinuousClock.now - began)
            if let response = try await perform(directives) { return response }
        }
        // The stream ends early for one reason alone: this task was cancelled.
        let stopped = CallError(.cancelled, "the dialogue was stopped")
        _ = try await perform(session.handle(.stopped(stopped), at: ContinuousClock.now - began))
        throw stopped
    }

    private mutating func perform(_ directives: [SpeakSession.Directive]) async throws(CallError) -> SpeakResponse? {
        for directive in directives {
            switch directive {
            case .askVoices(let request):
                ask(.voices, Methods.prompts, request) { .promptsFetched($0) }
            case .buildPrompt(let request):
                ask(.prompt, Methods.buildPrompt, request) { .promptBuilt($0) }
            case .storeCodes(let request):
                ask(.store, Methods.storeCodes, request) { _ in .codesStored }
            case .startGenerate(let request):
                generator = await caller.call(Methods.generate, request, options: options(Self.framesCredit))
            case .startDecode(let request):
                decoder = await caller.call(Methods.decode, request, options: options(Self.soundCredit))
            case .takeFrames: takeFrames()
            case .sendCodes(let item): send(item)
            case .finishCodes: await decoder?.finishSending()
            case .takeAudio: takeAudio()
            case .emit(let item): emit(item)
            case .cancel(let children): cancel(children)
            case .complete(let response): return response
            case .fail(let error): throw error
            }
        }
        return nil
    }

    private func options(_ itemCredit: Int = 1) -> CallOptions {
        CallOptions(
            budget: client.budgetLeft, tenant: client.tenant, traceparent: client.traceparent, itemCredit: itemCredit)
    }

    /// Lets a task wait for `event`, which becomes the child's failure when it throws.
    @discardableResult
    private func wait(
        for child: SpeakSession.Child, _ event: @escaping @Sendable () async throws(CallError) -> SpeakSession.Event
    ) -> Task<Void, Never> {
        Task { [teller] in
            do throws(CallError) { teller.yield(try await event()) } catch { teller.yield(.failed(child, error)) }
        }
    }

    private mutating func ask<Request, Response>(
        _ child: SpeakSession.Child, _ method: CallMethod<Request, NoItem, NoItem, Response>, _ request: Request,
        _ event: @escaping @Sendable (Response) -> SpeakSession.Event
    ) {
        asks[child] = wait(for: child) { [caller, options = options()] () throws(CallError) in
            event(try await caller.ask(method, request, options: options))
        }
    }

    private func takeFrames() {
        guard let generator else { return }
        wait(for: .generator) { () throws(CallError) in
            var items = generator.items.makeAsyncIterator()
            if let item = try await items.next() { return .frames(item) }
            return .generated(try await generator.response())
        }
    }

    private func takeAudio() {
        guard let decoder else { return }
        wait(for: .decoder) { () throws(CallError) in
            var items = decoder.items.makeAsyncIterator()
            if let item = try await items.next() { return .audio(item) }
            return .decoded(try await decoder.response())
        }
    }

    private func send(_ item: CodesItem) {
        guard let decoder else { return }
        wait(for: .decoder) { () throws(CallError) in
            try await decoder.send(item)
            return .codesSent
        }
    }

    private func emit(_ item: SpeakItem) {
        Task { [teller, client] in
            do throws(CallError) {
                try await client.send(item)
                teller.yield(.itemSent)
            } catch {
                teller.yield(.stopped(error))
            }
        }
    }

    private func cancel(_ children: [SpeakSession.Child]) {
        for child in children {
            switch child {
            case .voices, .prompt, .store: asks[child]?.cancel()
            case .generator: generator?.cancel()
            case .decoder: decoder?.cancel()
            }
        }
    }
}
