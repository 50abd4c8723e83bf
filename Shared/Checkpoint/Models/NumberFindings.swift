extension TensorSource {
    /// Tensors with values that are no numbers, which would silence or distort everything behind them. Reads every
    /// weight.
    func findingsInNumbers(of expected: [ExpectedTensor]) -> [ModelFinding] {
        var findings: [ModelFinding] = []
        for tensor in expected where tensor.isRequired && layout(tensor.name)?.shape == tensor.shape {
            findings += CheckpointError.findings { () throws(CheckpointError) in
                let stored = try self.tensor(tensor.name)
                guard let index = stored.firstNonFinite else { return [] }
                return [
                    ModelFinding(
                        .error, file: stored.file, subject: tensor.name, "element \(index) is not a finite number",
                        remedy: "the file is damaged; fetch it again")
                ]
            }
        }
        return findings
    }
}

extension StoredTensor {
    /// Index of the first element that is infinite or no number.
    var firstNonFinite: Int? {
        withBytes { bytes in
            switch scalarType {
            case .float32: bytes.assumingMemoryBound(to: UInt32.self).firstIndex { $0 & 0x7F80_0000 == 0x7F80_0000 }
            case .bfloat16: bytes.assumingMemoryBound(to: UInt16.self).firstIndex { $0 & 0x7F80 == 0x7F80 }
            case .float16: bytes.assumingMemoryBound(to: UInt16.self).firstIndex { $0 & 0x7C00 == 0x7C00 }
            case .float64: bytes.assumingMemoryBound(to: Double.self).firstIndex { !$0.isFinite }
            case .int64, .int32, .int16, .int8, .uint8, .bool: nil
            }
        }
    }
}
