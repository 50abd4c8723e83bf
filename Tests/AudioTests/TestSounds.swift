import Audio
import Foundation
import TestSupport

/// Sounds for tests, the same in every run.
enum TestSounds {
    /// Noise of ±`level`.
    static func noise(_ count: Int, seed: UInt64, level: Float = 0.5) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in Float.random(in: -level...level, using: &random) }
    }

    /// A tone at half of full scale.
    static func tone(_ count: Int, hertz: Double, sampleRate: Int) -> [Float] {
        (0..<count).map { Float(0.5 * sin(2 * Double.pi * hertz * Double($0) / Double(sampleRate))) }
    }

    /// `samples` cut into pieces of random lengths, empty ones among them.
    static func pieces(of samples: [Float], seed: UInt64, longest: Int) -> [[Float]] {
        var random = SeededRandom(seed: seed)
        var pieces: [[Float]] = []
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + Int.random(in: 0...longest, using: &random))
            pieces.append(Array(samples[start..<end]))
            start = end
        }
        return pieces
    }

    /// √(Σ(a-b)² / Σa²).
    static func relativeError(_ actual: [Float], _ expected: [Float]) -> Float {
        let difference = zip(actual, expected).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (difference / expected.reduce(Float(0)) { $0 + $1 * $1 }).squareRoot()
    }
}
