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

    /// What is multiplied: how many products a second a kernel may hope for depends on it.
    public enum Numbers: String, CaseIterable, Sendable {
        /// Added in f32.
        case f32
        /// Added in f32, by instructions that multiply bf16 as it is stored.
        case bf16
        /// Bytes, added in integers of 32 bits.
        case int8
    }

    /// Multiply-adds per second of all threads together, on registers alone, two operations each counted.
    ///
    /// - Returns: Nil where the instruction set multiplies no such numbers.
    public func operationsPerSecond(_ numbers: Numbers = .f32) -> Double? {
        // Several tasks a thread, so that one that is late does not hold up the count.
        let tasks = 16 * device.pool.threads
        let number = device.kernels.instructionSet.number
        // A round of tiles takes ten times as long as others.
        let rounds = numbers == .f32 ? 250_000 : 25_000
        let done = Atomic<Int>(0)
        let elapsed = ContinuousClock().measure {
            device.pool.run(tasks: tasks) { _ in
                done.add(rounds * multiplyAdds(numbers, number, rounds), ordering: .relaxed)
            }
        }
        let products = done.load(ordering: .relaxed)
        return products == 0 ? nil : Double(2 * products) / (elapsed / .seconds(1))
    }

    /// Does so many rounds; returns the multiply-adds of one.
    private func multiplyAdds(_ numbers: Numbers, _ instructionSet: Int32, _ rounds: Int) -> Int {
        var sum: Float = 0
        var integer: Int32 = 0
        defer { keep(UInt64(sum.bitPattern) ^ UInt64(bitPattern: Int64(integer))) }
        return switch numbers {
        case .f32: probe_multiply_adds(instructionSet, rounds, &sum)
        case .bf16: probe_bfloat16_multiply_adds(instructionSet, rounds, &sum)
        case .int8: probe_byte_multiply_adds(instructionSet, rounds, &integer)
        }
    }

    /// What is never looked at may be left out by the compiler.
    @inline(never)
    private func keep(_: UInt64) {}
}
