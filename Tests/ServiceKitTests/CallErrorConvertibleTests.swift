import Contracts
import ServiceKit
import Testing

private struct LibraryError: CallErrorConvertible {
    var callError: CallError { CallError(.notFound, "no voice \"x\"") }
}
private struct Unforeseen: Error { let script = "[S1]A private text." }

@Suite struct CallErrorConvertibleTests {
    @Test func answersWhatARoomSaysOfItsErrors() async {
        await #expect(throws: CallError(.notFound, "no voice \"x\"")) { try await answering { throw LibraryError() } }
        #expect(CallError(answering: CallError(.tooLarge, "t")) == CallError(.tooLarge, "t"))
        #expect(CallError(answering: CancellationError()).code == .cancelled)
    }

    /// What nobody foresaw may hold what a user wrote.
    @Test func keepsTheTextOfAnUnforeseenErrorToItself() {
        let answer = CallError(answering: Unforeseen())
        #expect(answer.code == .internal)
        #expect(!answer.message.contains("private"))
    }
}
