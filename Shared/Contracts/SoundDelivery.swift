/// When the sound of a sequence of frames is let go, as `codec.Decode` and `dialogue.Speak` name it.
public enum SoundDelivery: String, CaseIterable, Sendable {
    /// Once nothing to come can change it: the original's sound.
    case settled
    /// Close behind its frames: nearly the original's sound.
    case early

    /// - Parameter name: As a message has it; empty stands for `settled`.
    /// - Throws: `invalidArgument` naming the field, its value and what is allowed.
    init(_ name: String, field: String) throws(CallError) {
        guard let delivery = name.isEmpty ? .settled : SoundDelivery(rawValue: name) else {
            throw CallError(
                .invalidArgument,
                "\(field) is \"\(name.prefix(32))\"; allowed is "
                    + Self.allCases.map(\.rawValue).joined(separator: " or "),
                details: ["field": "delivery"])
        }
        self = delivery
    }
}
