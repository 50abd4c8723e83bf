package import Contracts

/// One direction of a stream, as its sender counts it.
package struct Outflow: Sendable {
    package private(set) var credit = 0
    package private(set) var nextSequence: UInt64 = 0
    package private(set) var isFinished = false

    /// Takes the receiver's credit. More than `most` under way would let a receiver ask for a queue without bound.
    package mutating func add(credit more: UInt64, most: Int) throws(CallError) {
        guard more <= UInt64(most), credit + Int(more) <= most else {
            throw CallError(.malformed, "credit \(more) on top of \(credit); at most \(most) items may be under way")
        }
        credit += Int(more)
    }

    /// The number of the item to be sent, if there is credit for it.
    package mutating func takeSequence() -> UInt64? {
        guard credit > 0, !isFinished else { return nil }
        credit -= 1
        defer { nextSequence += 1 }
        return nextSequence
    }

    /// The number of the empty item that says that no more follow; it needs no credit. Nil when it was sent already.
    package mutating func finish() -> UInt64? {
        guard !isFinished else { return nil }
        isFinished = true
        return nextSequence
    }
}

/// One direction of a stream, as its receiver, or a hop that passes it on, counts it.
package struct Inflow: Sendable {
    package private(set) var credit = 0
    package private(set) var expected: UInt64 = 0
    package private(set) var isFinished = false

    package mutating func grant(_ more: Int) { credit += more }

    /// Holds an item against its number, the credit and what came before.
    ///
    /// - Returns: Whether the item carries anything. An empty last one is the end's mark only.
    /// - Throws: `malformed`: from here on the stream means nothing.
    package mutating func accept(_ message: WireMessage) throws(CallError) -> Bool {
        let envelope = message.envelope
        guard !isFinished else {
            throw CallError(.malformed, "item \(envelope.sequence) after the last one")
        }
        guard envelope.sequence == expected else {
            throw CallError(.malformed, "item \(envelope.sequence) where \(expected) was due")
        }
        let carries = !(envelope.last && message.body.payload.isEmpty && message.body.blobs.isEmpty)
        if carries {
            guard credit > 0 else { throw CallError(.malformed, "item \(envelope.sequence) without credit") }
            credit -= 1
        }
        expected += 1
        isFinished = envelope.last
        return carries
    }
}

extension Inflow {
    /// Holds a `COMPLETE` against the items that came before it.
    func checkEnd(_ message: WireMessage) throws(CallError) {
        guard message.envelope.sequence == expected else {
            throw CallError(
                .malformed, "COMPLETE says that \(message.envelope.sequence) items came before it; \(expected) did")
        }
    }

    /// As a hop does: credit passes by on its way to the sender.
    package mutating func pass(credit more: UInt64, most: Int) throws(CallError) {
        guard more <= UInt64(most), credit + Int(more) <= most else {
            throw CallError(.malformed, "credit \(more) on top of \(credit); at most \(most) items may be under way")
        }
        grant(Int(more))
    }
}
