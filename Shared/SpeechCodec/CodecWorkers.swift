package import Compute

/// The threads that compute, and the buffers they lend each other.
struct CodecWorkers {
    let pool: WorkerPool
    let scratch = ScratchMatrices()
}

/// Sees values inside the codec under the names of the golden vectors, `[positions, channels]`; for tests.
package typealias CodecProbe = (_ name: String, _ value: Matrix) -> Void
