import Contracts
import LanguageModel
import Tokens
import Wire

extension MethodTable {
    init(generator model: GeneratorModel) {
        self.init()
        on(Methods.generate) { request, context in try await model.generate(request, context) }
    }
}

extension GeneratorModel {
    /// `generator.Generate`: frames leave as they are made.
    ///
    /// What the caller does not take waits here: a frame is 16 bytes, and the request bounds their number.
    func generate(
        _ request: GenerateRequest, _ context: CallContext<NoItem, FramesItem>
    ) async throws -> GenerateResponse {
        let (events, hand) = AsyncStream.makeStream(of: GenerationEvent.self)
        let ticket = try engine.submit(self.request(request)) { event in
            hand.yield(event)
            switch event {
            case .finished, .failed: hand.finish()
            case .frames: break
            }
        }
        // However this ends, nothing is generated for nobody; a ticket that has ended stays as it is.
        defer { engine.cancel(ticket) }
        return try await withTaskCancellationHandler {
            var frames = 0
            for await event in events {
                switch event {
                case .frames(let codes):
                    for piece in codes.pieces(of: ContractLimits.framesPerItemMax) {
                        try await context.send(FramesItem(codes: piece, firstFrame: frames))
                        frames += piece.frames
                    }
                case .finished(let reason, let statistics):
                    return GenerateResponse(statistics, saidItsEnd: reason == .endOfSpeech)
                case .failed(let error): throw error
                }
            }
            throw CancellationError()
        } onCancel: {
            engine.cancel(ticket)
        }
    }
}

extension CodeMatrix {
    /// The frames in their order, at most `count` a piece.
    func pieces(of count: Int) -> [CodeMatrix] {
        stride(from: 0, to: frames, by: count).map { frames($0..<min($0 + count, frames)) }
    }
}

extension GenerateResponse {
    init(_ statistics: GenerationStatistics, saidItsEnd: Bool) {
        self.init(
            finish: saidItsEnd ? .endOfSpeech : .framesMax, frames: statistics.frames,
            steps: statistics.generatedRows, prefillSeconds: statistics.prefillSeconds,
            decodeSeconds: statistics.decodeSeconds)
    }
}
