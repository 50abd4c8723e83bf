import Synchronization
import TestSupport
import Wire

/// Stream names that a seed repeats.
final class StreamNames: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed ^ 0x5EED)) }

    func next() -> StreamID { random.withLock { StreamID(using: &$0) } }
}
