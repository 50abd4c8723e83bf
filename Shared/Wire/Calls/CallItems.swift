public import Contracts

/// The items of one direction of a call, in order, for one consumer.
///
/// Taking an item gives its sender credit for another: a slow consumer slows the sender down and grows no queue.
public struct CallItems<Item: CheckedMessage>: AsyncSequence, Sendable {
    public typealias Element = Item
    public typealias Failure = CallError

    let inbox: ItemInbox
    /// Stops the call when the consumer's task is cancelled, or an item is no such message.
    let onBreak: @Sendable (CallError) -> Void
    /// Keeps an outgoing call alive while its items are read.
    let holder: CallHandle?

    public func makeAsyncIterator() -> Iterator { Iterator(items: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let items: CallItems

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(CallError) -> Item? {
            try await items.read()
        }

        public mutating func next() async throws(CallError) -> Item? { try await items.read() }
    }

    private func read() async throws(CallError) -> Item? {
        let result = await withTaskCancellationHandler {
            await inbox.next()
        } onCancel: {
            onBreak(CallError(.cancelled, "the task that read the items was cancelled"))
        }
        guard let body = try result.get() else { return nil }
        do throws(CallError) {
            return try Item(body)
        } catch {
            onBreak(error)
            throw error
        }
    }
}
