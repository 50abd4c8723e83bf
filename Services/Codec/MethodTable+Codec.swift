import Contracts
import Dialogue
import ServiceKit
import Wire

extension MethodTable {
    /// The methods of a codec worker. Arithmetic runs apart from Swift's own threads, so that a short request is
    /// answered while a long dialogue is decoded.
    init(codec model: CodecModel) {
        self.init()
        on(Methods.tokenize) { request, _ in
            try await BlockingWork.run { TokenizeResponse(ids: model.prompts.tokenizer.encode(request.text)) }
        }
        on(Methods.detokenize) { request, _ in
            try await BlockingWork.run { DetokenizeResponse(text: try model.text(of: request)) }
        }
        on(Methods.buildPrompt) { request, _ in
            try await BlockingWork.run { try model.buildPrompt(request) }
        }
        on(Methods.encode) { request, _ in
            try await BlockingWork.run { try model.encode(request) }
        }
        on(Methods.decode) { request, context in
            try await model.decode(request, context)
        }
    }
}

extension CodecModel {
    func text(of request: DetokenizeRequest) throws -> String {
        let vocabulary = prompts.tokenizer.vocabularySize
        if let id = request.ids.first(where: { !(0..<Int32(vocabulary)).contains($0) }) {
            throw CallError(
                .invalidArgument, "Detokenize.ids has \(id); allowed is 0..<\(vocabulary)",
                details: ["field": "ids"])
        }
        return prompts.tokenizer.decode(request.ids, skipSpecialTokens: request.skipSpecial)
    }
}
