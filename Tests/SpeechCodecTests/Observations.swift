import Compute
import SpeechCodec
import TestSupport

/// Collects what a codec's probe shows, turned to the golden vectors' `[channels, positions]` where those are so.
final class Observations {
    private(set) var values: [String: Matrix] = [:]

    func record(_ name: String, _ value: Matrix) {
        // Buffers are used again: keep a copy.
        let copy = Matrix(rows: value.rows, columns: value.columns)
        copy.assign(value)
        values[name] = copy
    }

    /// The value `name` in the shape of `expected`, which is the transpose unless the shapes agree as they are, cut to the
    /// positions that `expected` has or this has, whichever are fewer.
    func compare(_ name: String, with expected: GoldenTensors.Tensor) -> (actual: [Float], expected: [Float])? {
        guard let value = values[name], expected.shape.count == 2 else { return nil }
        let wanted = expected.floats
        if expected.shape[1] == value.columns && expected.shape[0] == value.rows { return (value.values, wanted) }
        guard expected.shape[0] == value.columns else { return nil }
        let positions = min(expected.shape[1], value.rows)
        // At most one position apart: the original's last one may depend on frames that nothing else uses.
        guard abs(expected.shape[1] - value.rows) <= 1 else { return nil }
        var actual: [Float] = []
        var kept: [Float] = []
        for channel in 0..<value.columns {
            for position in 0..<positions {
                actual.append(value[position, channel])
                kept.append(wanted[channel * expected.shape[1] + position])
            }
        }
        return (actual, kept)
    }
}
