/// What a message carries beside its envelope: the method's protobuf and the arrays it points at.
public struct MessageBody: Equatable, Sendable {
    /// The serialised protobuf of the method; empty is a message with every field at its default.
    public var payload: [UInt8]
    /// Raw little-endian arrays, row-major; the payload states their types and shapes.
    public var blobs: [[UInt8]]

    public init(payload: [UInt8] = [], blobs: [[UInt8]] = []) {
        self.payload = payload
        self.blobs = blobs
    }
}

/// A message that has been checked: whoever holds one need not check it again.
public protocol CheckedMessage: Sendable {
    /// The one door: throws `malformed` (or `tooLarge`) for bytes that are no such message.
    init(_ body: MessageBody) throws(CallError)
    func encoded() -> MessageBody
}

/// A method of CLQ/1: its name and what travels on its stream.
public struct CallMethod<
    Request: CheckedMessage, InputItem: CheckedMessage, OutputItem: CheckedMessage, Response: CheckedMessage
>: Sendable {
    /// `service.Verb`, for example `codec.Decode`.
    public let name: String

    public init(_ name: String) { self.name = name }

    /// What stands before the dot: the service that answers.
    public var service: String { String(name.prefix { $0 != "." }) }
}

/// The items of a direction in which a method has none.
public struct NoItem: CheckedMessage, Equatable {
    public init() {}
    public init(_ body: MessageBody) throws(CallError) {
        throw CallError(.malformed, "an item on a stream that has none in this direction")
    }
    public func encoded() -> MessageBody { MessageBody() }
}
