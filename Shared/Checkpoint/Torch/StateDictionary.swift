/// Finds the state dictionary in what a pickle stands for: under `generator`, where the codec's training left it, or at the top.
enum StateDictionary {
    static func tensors(of root: PickleValue, in machine: PickleMachine, file: String) throws(CheckpointError)
        -> [String: PickledTensor]
    {
        guard case .dictionary(let number) = root else {
            throw CheckpointError(.malformed, file: file, "holds no dictionary of tensors")
        }
        var items = machine.dictionaries[number]
        if case .dictionary(let nested)? = items.last(where: { $0.key == .text("generator") })?.value {
            items = machine.dictionaries[nested]
        }
        var tensors: [String: PickledTensor] = [:]
        for (key, value) in items {
            guard case .text(let name) = key else {
                throw CheckpointError(.malformed, file: file, "its dictionary has a key that is no text")
            }
            guard case .tensor(let tensor) = value else {
                throw CheckpointError(
                    .malformed, file: file, subject: name, "is no tensor",
                    remedy: "the state dictionary must stand at the top of the file or under the key generator")
            }
            guard tensors.updateValue(machine.tensors[tensor], forKey: name) == nil else {
                throw CheckpointError(.duplicate, file: file, subject: name, "this tensor stands twice")
            }
        }
        guard !tensors.isEmpty else { throw CheckpointError(.missing, file: file, "holds no tensor") }
        return tensors
    }
}
