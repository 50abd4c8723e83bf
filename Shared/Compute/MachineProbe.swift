internal import CKernels
internal import Synchronization

/// What the machine allows at best, measured with the threads and the instruction set that the kernels use.
///
/// A decode step cannot be faster than its weights can be read, a prefill not faster than its multiply-adds can be done:
/// figures of different machines, or of one machine on different days, compare as parts of these two.
public struct MachineProbe {
    private let device: CPUDevice
    private let memory: AlignedFloats

    /// - Parameter megabytes: To read in one go; more than every cache together.
    public init(device: CPUDevice, megabytes: Int = 512) {
        self.device = device
        memory = AlignedFloats(count: megabytes << 18)
    }

    /// Bytes per second of all threads together, each reading a part of one stretch of memory once.
    public func bytesReadPerSecond() -> Double {
        let pieces = 16 * device.pool.threads
        let floats = memory.count / pieces / 16 * 16
        let seen = Atomic<UInt64>(0)
        let elapsed = ContinuousClock().measure {
            device.pool.run(tasks: pieces) { piece in
                seen.bitwiseXor(probe_read(memory.base + piece * floats, floats * 4), ordering: .relaxed)
            }
        }
        keep(seen.load(ordering: .relaxed))
        return Double(pieces * floats * 4) / (elapsed / .seconds(1))
    }

    /// Fused multiply-adds of f32 per second of all threads together, on registers alone, two operations each counted.
    public func operationsPerSecond() -> Double {
        // Several tasks a thread, so that one that is late does not hold up the count.
        let rounds = 250_000
        let tasks = 16 * device.pool.threads
        let number = device.kernels.instructionSet.number
        let done = Atomic<Int>(0)
        let elapsed = ContinuousClock().measure {
            device.pool.run(tasks: tasks) { _ in
                var sum: Float = 0
                done.add(rounds * probe_multiply_adds(number, rounds, &sum), ordering: .relaxed)
                keep(UInt64(sum.bitPattern))
            }
        }
        return Double(2 * done.load(ordering: .relaxed)) / (elapsed / .seconds(1))
    }

    /// What is never looked at may be left out by the compiler.
    @inline(never)
    private func keep(_: UInt64) {}
}
