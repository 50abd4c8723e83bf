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
    /// `[frequencies, positions]`: even frequencies up to length/2, or odd ones, and positions 0 … length/4, then zeros; weights
    /// of real parts for the frame's even half, of imaginary parts for its odd half.
    private let evenCosines, oddCosines, evenSines, oddSines: Matrix

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
        func table(_ firstBin: Int, _ function: (Double) -> Double) -> Matrix {
            CodecWeights.gathered((bins - firstBin + 1) / 2, Self.positionColumns(length)) { index, position in
                guard position <= length / 4 else { return 0 }
                let bin = firstBin + 2 * index
                let share = bin == 0 || bin == bins - 1 ? 1 : 2
                let angle = 2 * .pi * Double(position * bin % length) / Double(length)
                return Float(Double(share) / Double(length) * function(angle))
            }
        }
        evenCosines = table(0) { cos($0) }
        oddCosines = table(1) { cos($0) }
        evenSines = table(0) { -sin($0) }
        oddSines = table(1) { -sin($0) }
    }

    private var cut: Int { (length - hop) / 2 }

    /// Positions 0 … length/4, filled up to what tables need.
    private static func positionColumns(_ length: Int) -> Int {
        (length / 4 + Matrix.tableColumns) / Matrix.tableColumns * Matrix.tableColumns
    }

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
        let frames = Matrix(unwritten: spectra.rows, columns: length)
        pool.runRows(0..<spectra.rows) { block in
            scratch.with(rows: block.count, columns: roomColumns) {
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
        return sum.withRow(0) { sum in
            energy.withRow(0) { energy in
                range.map { sum[$0 + cut - start] / energy[$0 + cut - start] }
            }
        }
    }

    /// Floats of a row of `room` for `transform`.
    private var roomColumns: Int { 2 * bins + 4 * Self.positionColumns(length) }

    /// A frame is the sum of an even and an odd half, and of either the even and the odd frequencies: where a position is
    /// mirrored at a quarter of the length, the two keep and change their signs. So a quarter of the positions is enough.
    private func transform(_ spectra: Matrix, into frames: Matrix, through room: Matrix) {
        let columns = Self.positionColumns(length)
        let evens = bins - bins / 2
        let (real, imaginary) = (room.columns(0..<bins), room.columns(bins..<2 * bins))
        real.assignEveryOther(spectra.columns(0..<bins))
        imaginary.assignEveryOther(spectra.columns(bins..<2 * bins))
        let parts = room.columns(2 * bins..<2 * bins + 4 * columns)
        func part(_ number: Int) -> Matrix { parts.columns(number * columns..<(number + 1) * columns) }
        part(0).assign(real.columns(0..<evens), timesTable: evenCosines)
        part(1).assign(real.columns(evens..<bins), timesTable: oddCosines)
        part(2).assign(imaginary.columns(0..<evens), timesTable: evenSines)
        part(3).assign(imaginary.columns(evens..<bins), timesTable: oddSines)
        frames.assignUnfolded(parts)
    }
}
