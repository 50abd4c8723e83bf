import Contracts

/// The 16 random bytes by which both ends of a call name it.
package struct StreamID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Nil unless there are 16 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Envelope.streamBytes else { return nil }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    package init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = random.next()
    }

    /// From the system's source, so that nobody can guess another's stream.
    package static func random() -> StreamID {
        var system = SystemRandomNumberGenerator()
        return StreamID(using: &system)
    }

    package var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }

    package static func < (left: StreamID, right: StreamID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    package var description: String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
