internal import Glibc

/// Cosines and sines of the rotary embedding, as the reference makes them: angles in f32.
struct RotaryAngles: Sendable {
    /// `theta^(-2i / headSize)` for `i` below `headSize / 2`.
    private let frequencies: [Float]

    init(headSize: Int, theta: Double) {
        frequencies = (0..<headSize / 2).map { index in
            let exponent = Float(2 * index) / Float(headSize)
            return 1 / Float(pow(theta, Double(exponent)))
        }
    }

    /// Writes `headSize / 2` cosines and as many sines.
    func write(
        position: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>
    ) {
        for (index, frequency) in frequencies.enumerated() {
            let angle = Double(Float(position) * frequency)
            cosines[index] = Float(cos(angle))
            sines[index] = Float(sin(angle))
        }
    }
}
