internal import Compute
import Foundation

/// The Fourier transform of real frames of a fixed even length, as matrix products with half-size tables.
///
/// A real frame is the sum of an even and an odd part, which need the cosines and the sines alone, and of each only half.
/// At the lengths of a codec (hundreds) this costs about as much as a fast transform of our own would, and needs none.
struct FoldedFourier: Sendable {
    let length: Int
    /// Frequencies 0 … length/2.
    var bins: Int { length / 2 + 1 }
    /// `[bins, bins]`, position by frequency.
    private let cosines: [Double]
    private let sines: [Double]

    /// - Precondition: `length` is even and positive.
    init(length: Int) {
        precondition(length > 0 && length % 2 == 0, "a transform of odd length \(length)")
        self.length = length
        let bins = length / 2 + 1
        func table(_ function: (Double) -> Double) -> [Double] {
            (0..<bins * bins).map { function(2 * .pi * Double($0 / bins * ($0 % bins) % length) / Double(length)) }
        }
        cosines = table { cos($0) }
        sines = table { sin($0) }
    }

    /// |X|² of frames that `frame` fills in, `[frames, bins]`; in double precision until the last step, as log-mel asks for
    /// values eight decades below the loudest.
    func power(frames: Int, frame fill: (_ frame: Int, _ values: inout [Double]) -> Void) -> Matrix {
        var even = [Double](repeating: 0, count: frames * bins)
        var odd = even
        var values = [Double](repeating: 0, count: length)
        for frame in 0..<frames {
            fill(frame, &values)
            let row = frame * bins
            even[row] = values[0]
            even[row + bins - 1] = values[length / 2]
            for position in 1..<max(1, length / 2) {
                even[row + position] = values[position] + values[length - position]
                odd[row + position] = values[position] - values[length - position]
            }
        }
        let real = product(even, cosines, rows: frames, inner: bins, columns: bins)
        let imaginary = product(odd, sines, rows: frames, inner: bins, columns: bins)
        return CodecWeights.gathered(frames, bins) { frame, bin in
            let (re, im) = (Float(real[frame * bins + bin]), Float(imaginary[frame * bins + bin]))
            return re * re + im * im
        }
    }
}
