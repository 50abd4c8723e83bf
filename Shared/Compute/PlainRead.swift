internal import CKernels
internal import Synchronization

extension CPUDevice {
    /// Bytes per second of all threads together, each reading stretches of these weights where they lie, with plain loads:
    /// what a decode step over them may hope for at this moment.
    public func bytesReadPerSecond(_ weights: [DenseWeights]) -> Double {
        let stretches = weights.flatMap { Self.stretches(of: $0.bytes) }
        let seen = Atomic<UInt64>(0)
        let elapsed = ContinuousClock().measure {
            pool.run(tasks: stretches.count) { index in
                guard let start = stretches[index].baseAddress else { return }
                seen.bitwiseXor(probe_read(start, stretches[index].count), ordering: .relaxed)
            }
        }
        withExtendedLifetime(weights) {}
        return Double(stretches.reduce(0) { $0 + $1.count }) / (elapsed / .seconds(1))
    }

    /// Whole cache lines, a megabyte at most together.
    private static func stretches(of bytes: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
        let (line, most) = (64, 1 << 20)
        let first = (line - Int(bitPattern: bytes.baseAddress) % line) % line
        let end = first + max(0, bytes.count - first) / line * line
        return stride(from: first, to: end, by: most).map { start in
            UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + most, end)])
        }
    }
}
