extension TensorSource {
    /// Throws the first fault that keeps a model of these tensors from being loaded.
    public func requireAgreement(with expected: [ExpectedTensor]) throws(CheckpointError) {
        for fault in faults(against: expected) where fault.isFatal { throw fault.error }
    }

    /// Every fault, for a report.
    func findings(against expected: [ExpectedTensor]) -> [ModelFinding] {
        faults(against: expected).map { fault in
            guard !fault.isFatal else { return ModelFinding(fault.error) }
            return ModelFinding(
                .warning, file: fault.error.file, subject: fault.error.subject, fault.error.reason,
                remedy: "it is not read and may stay")
        }
    }

    /// Required tensors that are absent or of another shape or type, and tensors that the model does not know. What an
    /// optional tensor is like does not matter, since it is never read.
    private func faults(against expected: [ExpectedTensor]) -> [(error: CheckpointError, isFatal: Bool)] {
        func fault(_ kind: CheckpointError.Kind, _ name: String, _ reason: String) -> CheckpointError {
            CheckpointError(
                kind, file: location, subject: name, reason,
                remedy: "configuration and weights must come from the same model")
        }
        var found: [(CheckpointError, Bool)] = []
        for tensor in expected {
            guard let layout = layout(tensor.name) else {
                if tensor.isRequired { found.append((fault(.missing, tensor.name, "there is no such tensor"), true)) }
                continue
            }
            if layout.shape != tensor.shape {
                let reason = "has shape \(layout.shape); the configuration implies \(tensor.shape)"
                found.append((fault(.wrongShape, tensor.name, reason), tensor.isRequired))
            } else if tensor.holdsNumbers && !layout.scalarType.isFloatingPoint {
                let reason = "holds \(layout.scalarType), where weights are wanted"
                found.append((fault(.wrongType, tensor.name, reason), tensor.isRequired))
            }
        }
        let known = Set(expected.map(\.name))
        for name in names where !known.contains(name) {
            found.append((fault(.surplus, name, "the configuration knows no such tensor"), true))
        }
        return found
    }
}
