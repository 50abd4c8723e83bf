public import Contracts

/// Where a socket is bound or dialled: `ipc:///run/colloquy/gateway.sock` or `tcp://host:port`.
public struct WireEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Linux keeps 108 bytes for the path of a socket, its closing zero among them.
    static let pathBytesMax = 107

    /// As libzmq takes it.
    public let text: String

    public var description: String { text }

    /// The socket file of an `ipc://` endpoint.
    public var path: String? { text.hasPrefix("ipc://") ? String(text.dropFirst("ipc://".count)) : nil }

    /// - Parameter text: `ipc://PATH`, or `tcp://HOST:PORT`; to bind, HOST may be `*` and PORT 0 for a free one.
    /// - Throws: `invalidArgument` for anything else.
    public init(_ text: String) throws(CallError) {
        if text.hasPrefix("ipc://") {
            try Self.checkPath(text.dropFirst("ipc://".count), of: text)
        } else if text.hasPrefix("tcp://") {
            try Self.checkAddress(text.dropFirst("tcp://".count), of: text)
        } else {
            throw CallError(.invalidArgument, "endpoint '\(text)': write ipc://PATH or tcp://HOST:PORT")
        }
        self.text = text
    }

    private static func checkPath(_ path: Substring, of text: String) throws(CallError) {
        guard !path.isEmpty, path != "*", !path.hasPrefix("@"), !path.utf8.contains(0) else {
            throw CallError(.invalidArgument, "endpoint '\(text)': ipc:// needs the path of a socket file")
        }
        guard path.utf8.count <= pathBytesMax else {
            throw CallError(
                .invalidArgument,
                "endpoint '\(text)': the path has \(path.utf8.count) bytes; a socket's path may have \(pathBytesMax)")
        }
    }

    private static func checkAddress(_ address: Substring, of text: String) throws(CallError) {
        guard let colon = address.lastIndex(of: ":"), colon != address.startIndex else {
            throw CallError(.invalidArgument, "endpoint '\(text)': tcp:// needs HOST:PORT")
        }
        let host = address[..<colon]
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw CallError(.invalidArgument, "endpoint '\(text)': '\(host)' is no host name or address")
        }
        let port = address[address.index(after: colon)...]
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), UInt16(port) != nil else {
            throw CallError(.invalidArgument, "endpoint '\(text)': port '\(port)' is not within 0...65535")
        }
    }
}
