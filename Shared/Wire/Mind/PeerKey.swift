/// A peer as the gateway's socket names it.
package enum PeerKey: Hashable, Sendable {
    /// The gateway itself: it calls, and answers methods, like any other peer.
    case own
    case remote([UInt8])
}
