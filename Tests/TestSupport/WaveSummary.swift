/// A golden wave: whole, or parts of it (golden/README.md, decode).
public struct WaveSummary {
    let tensors: GoldenTensors
    let prefix: String

    /// - Parameter prefix: Such as `wave.0.`.
    public init(tensors: GoldenTensors, prefix: String) {
        self.tensors = tensors
        self.prefix = prefix
    }

    /// How each stored part differs from `wave`; an unknown kind of part has counts that disagree.
    public func differences(from wave: [Float], samplesPerFrame: Int) throws -> [(part: String, Closeness)] {
        try tensors.names.filter { $0.hasPrefix(prefix) }.map { name in
            let expected = try tensors.require(name).floats
            let part = String(name.dropFirst(prefix.count))
            return (part, Closeness(cut(part, of: wave, count: expected.count, samplesPerFrame), expected))
        }
    }

    private func cut(_ part: String, of wave: [Float], count: Int, _ samplesPerFrame: Int) -> [Float] {
        switch part {
        case "full": return wave
        case "head": return Array(wave.prefix(count))
        case "tail": return Array(wave.suffix(count))
        case "rms_per_code":
            return stride(from: 0, through: wave.count - samplesPerFrame, by: samplesPerFrame).map { start in
                let power = wave[start..<start + samplesPerFrame].reduce(0.0) { $0 + Double($1) * Double($1) }
                return Float((power / Double(samplesPerFrame)).squareRoot())
            }
        default:
            if part.hasPrefix("grid"), let step = Int(part.dropFirst(4)) {
                return stride(from: 0, to: wave.count, by: step).map { wave[$0] }
            }
            if part.hasPrefix("around_code_"), let code = Int(part.dropFirst("around_code_".count)) {
                let start = code * samplesPerFrame - count / 2
                return Array(wave.dropFirst(max(0, start)).prefix(count))
            }
            return []
        }
    }
}
