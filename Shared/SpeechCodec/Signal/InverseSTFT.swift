internal import Compute
import Foundation

/// From spectra to sound: inverse transform of each frame, window, overlap-add, division by the windows' energy
/// (model.md 3.4, ISTFT head). `(length − hop) / 2` samples at each end are cut, so that n frames give n · hop samples.
struct InverseSTFT: Sendable {
    let length: Int
    let hop: Int
    /// Frequencies 0 … length/2.
    var bins: Int { length / 2 + 1 }
    private let window: Matrix
    private let windowEnergy: Matrix
    /// `[positions, frequencies]`, both 0 … length/2: weights of real parts for the frame's even half, of imaginary parts
    /// for its odd half.
    private let cosines: WeightMatrix
    private let sines: WeightMatrix

    /// - Precondition: `length` and `length − hop` are even, the window has `length` values.
    init(hop: Int, window: Matrix) {
        length = window.columns
        precondition(length % 2 == 0 && (length - hop) % 2 == 0 && hop > 0 && hop <= length)
        self.hop = hop
        self.window = window
        windowEnergy = CodecWeights.gathered(1, window.columns) { _, position in
            window[0, position] * window[0, position]
        }
        let (length, bins) = (length, window.columns / 2 + 1)
        func table(_ function: (Double) -> Double) -> WeightMatrix {
            let values = (0..<bins * bins).map { index -> Float in
                let (position, bin) = index.quotientAndRemainder(dividingBy: bins)
                let share = bin == 0 || bin == bins - 1 ? 1 : 2
                let angle = 2 * .pi * Double(position * bin % length) / Double(length)
                return Float(Double(share) / Double(length) * function(angle))
            }
            return WeightMatrix(outputs: bins, inputs: bins, copying: values)
        }
        cosines = table { cos($0) }
        sines = table { -sin($0) }
    }

    private var cut: Int { (length - hop) / 2 }

    /// The frames that touch any of the samples, of `frames` in all.
    func frames(touching samples: Range<Int>, of frames: Int) -> Range<Int> {
        guard !samples.isEmpty else { return 0..<0 }
        let first = max(0, (samples.lowerBound + cut - length) / hop + 1)
        let last = min(frames - 1, (samples.upperBound - 1 + cut) / hop)
        return (samples.lowerBound + cut < length ? 0 : first)..<max(last + 1, 0)
    }

    /// The samples of a range.
    ///
    /// - Parameter spectra: `[frames, real parts | imaginary parts]` of the frames that `frames(touching:of:)` tells.
    func samples(_ range: Range<Int>, spectra: Matrix, firstFrame: Int, workers: CodecWorkers) -> [Float] {
        guard !range.isEmpty else { return [] }
        let (pool, scratch) = (workers.pool, workers.scratch)
        let frames = Matrix(rows: spectra.rows, columns: length)
        pool.runRows(0..<spectra.rows) { block in
            scratch.with(rows: block.count, columns: 2 * bins) {
                transform(spectra.rows(block), into: frames.rows(block), through: $0)
            }
        }

        let start = firstFrame * hop
        let sum = Matrix(rows: 1, columns: (spectra.rows - 1) * hop + length)
        let energy = Matrix(rows: 1, columns: sum.columns)
        let ones = CodecWeights.gathered(1, length) { _, _ in 1 }
        for frame in 0..<frames.rows {
            sum.add(frames.rows(frame..<frame + 1), timesElements: window, at: frame * hop)
            energy.add(ones, timesElements: windowEnergy, at: frame * hop)
        }
        return range.map { sample in
            sum[0, sample + cut - start] / energy[0, sample + cut - start]
        }
    }

    private func transform(_ spectra: Matrix, into frames: Matrix, through halves: Matrix) {
        let (even, odd) = (halves.columns(0..<bins), halves.columns(bins..<2 * bins))
        even.assign(spectra.columns(0..<bins), timesTransposed: cosines)
        odd.assign(spectra.columns(bins..<2 * bins), timesTransposed: sines)
        for row in 0..<spectra.rows {
            even.withRow(row) { even in
                odd.withRow(row) { odd in
                    frames.withRow(row) { frame in
                        for position in 0..<bins { frame[position] = even[position] + odd[position] }
                        for position in 1..<max(1, bins - 1) {
                            frame[length - position] = even[position] - odd[position]
                        }
                    }
                }
            }
        }
    }
}
